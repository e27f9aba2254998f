import { defineReferenceSuite } from './conformance/reference-suite.ts'

defineReferenceSuite()
