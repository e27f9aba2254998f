// safetensors
export {
  decodeSafetensors,
  encodeSafetensors,
  type DecodeOptions,
  type SafetensorsContents,
} from './safetensors/safetensors.ts'
export { loadSafetensors, saveSafetensors } from './safetensors/file.ts'
