export { createWasmBackend } from './wasm-backend.ts'
