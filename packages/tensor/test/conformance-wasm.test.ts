import { defineBackendSuite } from './conformance/backend-suite.ts'
import { wasmConfigurations } from './conformance/configurations.ts'

defineBackendSuite([...wasmConfigurations, { backend: 'reference' }])
