import type { ReduceOp } from '../../../graph/scalar.ts'
import { type Code, f32x4, i32x4, local, type Local, shuffle32 } from '../assembler/index.ts'
import { emitOperation } from '../body/elementwise.ts'
import type { LaneType } from '../body/spec.ts'

const operationOf = { sum: 'add', prod: 'mul', max: 'max', min: 'min' } as const

/** How values of one type are folded together four lanes at a time. */
export class Fold {
  readonly dtype: LaneType
  readonly #op: ReduceOp

  constructor(op: ReduceOp, dtype: LaneType) {
    this.#op = op
    this.dtype = dtype
  }

  /** What folding nothing gives, in all lanes. */
  get identity(): Code {
    const value =
      identities[this.#op][this.dtype === 'float32' ? 'float' : this.dtype === 'int32' ? 'int' : this.dtype]
    const lanes = [value, value, value, value]
    return this.dtype === 'float32' ? f32x4.const(lanes) : i32x4.const(lanes)
  }

  /** `target ← target ⊕ value` */
  into(target: Local, value: Local): Code {
    return local.set(target, emitOperation(operationOf[this.#op], this.dtype, [target, value]))
  }

  /** Folds the four lanes of `target` together; all lanes hold the result. */
  acrossLanes(target: Local, spare: Local): Code {
    return [
      local.set(spare, shuffle32([2, 3, 0, 1], target, target)),
      this.into(target, spare),
      local.set(spare, shuffle32([1, 0, 3, 2], target, target)),
      this.into(target, spare),
    ]
  }
}

const least = -(2 ** 31)
const greatest = 2 ** 31 - 1

/** bool lanes are masks: −1 is true. */
const identities = {
  sum: { float: 0, int: 0, uint8: 0, bool: 0, float16: 0 },
  prod: { float: 1, int: 1, uint8: 1, bool: -1, float16: 0 },
  max: { float: -Infinity, int: least, uint8: 0, bool: 0, float16: 0 },
  min: { float: Infinity, int: greatest, uint8: 255, bool: -1, float16: 0 },
} as const
