import { decodesAsPillow } from './decode-suite.ts'
import { encodesAndDecodes } from './encode-suite.ts'

decodesAsPillow()
encodesAndDecodes()
