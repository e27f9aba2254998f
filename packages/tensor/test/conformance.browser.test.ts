import { expect, test } from 'vitest'
import { backendInfo, configure } from '../src/index.ts'
import { defineBackendSuite } from './conformance/backend-suite.ts'
import { wasmConfigurations } from './conformance/configurations.ts'
import { defineEdgeSuite } from './conformance/edge-suite.ts'

test('a cross-origin isolated page has threads', () => {
  configure({ backend: 'wasm', threads: 2 })
  expect(backendInfo()).toMatchObject({ name: 'wasm', threads: 2, sharedMemory: true })
})

defineBackendSuite(wasmConfigurations)
defineEdgeSuite(wasmConfigurations)
