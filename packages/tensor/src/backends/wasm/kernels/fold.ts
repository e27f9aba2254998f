import type { ReduceOp } from '../../../graph/scalar.ts'
import {
  type Code,
  f32x4,
  i32,
  i32x4,
  local,
  type Local,
  type Locals,
  shuffle32,
  v128,
} from '../assembler/index.ts'
import type { BodyWriter } from '../body/body-writer.ts'
import { emitOperation } from '../body/elementwise.ts'
import type { RowCode } from '../body/row-writer.ts'
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

  /** The instruction for a greatest or least float beside which NaN must be looked for. */
  get beside(): ((a: Local, b: Local) => Code) | undefined {
    if (this.dtype !== 'float32') return undefined
    return this.#op === 'max' ? f32x4.pmax : this.#op === 'min' ? f32x4.pmin : undefined
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

/**
 * What vectors of a row are folded into: several sums side by side, which need not wait for each other. The
 * greatest of floats is found by an instruction that passes NaN over, and NaN is noted beside it: three
 * instructions in the place of the seven of one that does not.
 */
export class RowSums {
  readonly #fold: Fold
  readonly #sums: readonly Local[]
  readonly #spare: Local
  readonly #nan: Local | undefined

  constructor(fold: Fold, locals: Locals, count: number) {
    this.#fold = fold
    this.#sums = locals.many('v128', count)
    this.#spare = locals.v128()
    this.#nan = fold.beside && locals.v128()
  }

  /** At the start of a row. */
  get clear(): Code {
    return [this.#reset, this.#nan ? local.set(this.#nan, i32x4.splat(0)) : []]
  }

  get #reset(): Code {
    return this.#sums.map((sum) => local.set(sum, this.#fold.identity))
  }

  /** Folds in what `body`, which computes as many vectors together as there are sums, gives along a row at `i`. */
  foldRow(body: BodyWriter, i: Local): RowCode {
    return {
      count: body.count,
      together: [body.together(), this.#sums.map((sum, ahead) => this.#add(sum, body.result(ahead)))],
      vector: (position) => [body.perVector(position), this.#addVector(body.result(), i, position.end)],
    }
  }

  /** Moves what there is to `total`. */
  moveTo(total: Local): Code {
    const [first] = this.#sums
    return [
      this.#nan ? local.set(first, v128.or(first, this.#nan)) : [],
      this.#sums.map((sum) => this.#fold.into(total, sum)),
      this.#reset,
    ]
  }

  /** Folds in a vector; of the last one of a row only the lanes from position `i` to `end`. */
  #addVector(value: Local, i: Local, end?: Local): Code {
    if (end === undefined) return this.#add(this.#sums[0], value)
    const exists = i32x4.gt_s(i32x4.splat(i32.sub(end, i)), i32x4.const([0, 1, 2, 3]))
    return [
      local.set(this.#spare, v128.bitselect(value, this.#fold.identity, exists)),
      this.#add(this.#sums[0], this.#spare),
    ]
  }

  #add(sum: Local, value: Local): Code {
    const { beside } = this.#fold
    if (!beside || !this.#nan) return this.#fold.into(sum, value)
    return [
      local.set(this.#nan, v128.or(this.#nan, f32x4.ne(value, value))),
      local.set(sum, beside(sum, value)),
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
