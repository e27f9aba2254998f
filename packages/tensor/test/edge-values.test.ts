import { wasmConfigurations } from './conformance/configurations.ts'
import { defineEdgeSuite } from './conformance/edge-suite.ts'

defineEdgeSuite([{ backend: 'reference' }, ...wasmConfigurations])
