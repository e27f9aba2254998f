import { decodesAsPillow } from './decode-suite.ts'

decodesAsPillow()
