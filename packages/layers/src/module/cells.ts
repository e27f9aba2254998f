import { isTensor } from '@badak/tensor'
import type { Parameter, State } from '@badak/tensor'

/** Whether `x` is a Parameter, whichever copy of the tensor package made it. */
export function isParameter(x: unknown): x is Parameter {
  return isTensor(x) && 'assign' in x && 'requiresGrad' in x
}

/** Whether `x` is a State, whichever copy of the tensor package made it. */
export function isState(x: unknown): x is State {
  return isTensor(x) && 'assign' in x && !('requiresGrad' in x)
}
