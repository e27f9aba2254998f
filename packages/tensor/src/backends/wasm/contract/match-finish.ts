import type { Access, Body, Instruction, Load } from '../../../schedule/kernels.ts'

/** How the axes of an epilogue are the rows and columns of a product. Strides in elements. */
export interface FinishShape {
  /** The axis along which rows go, and the one along which columns go, if a bias may vary along them. */
  readonly row: number | undefined
  readonly column: number | undefined
  readonly shape: readonly number[]
  readonly store: Access
}

/** A number for each row, at `load` + row · `stride`; or, without a load, the run-time number `value`. */
type RowNumber =
  | { readonly load: Load; readonly stride: number }
  | { readonly load: undefined; readonly value: number }

/** One step of what happens to all elements of a row alike; `again` adds what there was before all steps. */
export interface RowStep {
  readonly op: 'add' | 'sub' | 'mul' | 'again'
  readonly number: RowNumber
}

/**
 * The epilogues that are done block by block, while results are in the caches:
 *
 *     relu(steps(accumulator) + column + steps(residual))    any part may be missing
 *
 * and outside of that `where(mask ≤ threshold, fill, …)`, the gradient of a relu. So a bias, a batch norm in
 * evaluation, a shortcut and an activation are one kernel with the convolution before them, and a step of
 * gradient descent with the gradient.
 */
interface Finish {
  readonly steps: readonly RowStep[]
  /** A dense row of numbers, one for each column. */
  readonly column: Load | undefined
  /** A tensor that lies like the result, and its own steps. */
  readonly residual: Tensor | undefined
  readonly relu: boolean
  readonly mask: { readonly load: Load; readonly threshold: number; readonly fill: number } | undefined
}

interface Tensor {
  readonly load: Load
  readonly steps: readonly RowStep[]
}

/** What an instruction gives. */
type Value =
  | { readonly kind: 'number'; readonly number: RowNumber }
  | { readonly kind: 'column'; readonly load: Load }
  | { readonly kind: 'tensor'; readonly tensor: Tensor }
  | { readonly kind: 'mask'; readonly load: Load; readonly threshold: number }
  | { readonly kind: 'result'; readonly finish: Finish }

/** Steps for one operand that an argument block has room for. */
export const MOST_STEPS = 4

const bare: Finish = { steps: [], column: undefined, residual: undefined, relu: false, mask: undefined }

/** The parts of an epilogue; undefined if it is none of these. */
export function matchFinish({ loads, instructions }: Body, place: FinishShape): Finish | undefined {
  const plain = loads.every(({ dtype, bounds }) => dtype === 'float32' && bounds === undefined)
  if (!plain || place.store.dtype !== 'float32') return undefined
  const values: (Value | undefined)[] = []
  for (const instruction of instructions) values.push(valueOf(instruction, loads, values, place))
  const last = values.at(-1)
  if (last?.kind !== 'result') return undefined
  const { finish } = last
  const fits = finish.steps.length <= MOST_STEPS && (finish.residual?.steps.length ?? 0) <= MOST_STEPS
  return fits ? finish : undefined
}

function valueOf(
  instruction: Instruction,
  loads: readonly Load[],
  values: readonly (Value | undefined)[],
  place: FinishShape,
): Value | undefined {
  switch (instruction.op) {
    case 'accumulator':
      return { kind: 'result', finish: bare }
    case 'value':
      return { kind: 'number', number: { load: undefined, value: instruction.value } }
    case 'load':
      return loaded(loads[instruction.load], place)
    case 'relu': {
      const x = values[instruction.args[0]]
      return x?.kind === 'result' && isOpen(x.finish) ? result({ ...x.finish, relu: true }) : undefined
    }
    case 'lessEqual':
      return maskOf(values[instruction.args[0]], values[instruction.args[1]], place)
    case 'where':
      return masked(instruction.args.map((index) => values[index]))
    case 'add':
    case 'sub':
    case 'mul':
      return combined(instruction.op, values[instruction.args[0]], values[instruction.args[1]], place)
    default:
      return undefined
  }
}

function result(finish: Finish): Value {
  return { kind: 'result', finish }
}

/** Whether more may be added: nothing has been done to the sum yet. */
function isOpen({ relu, mask }: Finish): boolean {
  return !relu && mask === undefined
}

function loaded(load: Load, place: FinishShape): Value | undefined {
  const { row, column, shape } = place
  const along = (axis: number | undefined): number =>
    axis === undefined || shape[axis] === 1 ? 0 : load.strides[axis]
  const varies = shape.map((size, axis) => size !== 1 && load.strides[axis] !== 0)
  if (varies.every((each, axis) => !each || axis === row))
    return { kind: 'number', number: { load, stride: along(row) } }
  if (varies.every((each, axis) => !each || axis === column) && along(column) === 1)
    return { kind: 'column', load }
  return isParallel(load, place) ? { kind: 'tensor', tensor: { load, steps: [] } } : undefined
}

function isParallel({ strides }: Load, { shape, store }: FinishShape): boolean {
  return shape.every((size, axis) => size === 1 || strides[axis] === store.strides[axis])
}

/** A value that lies like the result: where that is one row, or one number, others do so too. */
function asTensor(value: Value | undefined, place: FinishShape): Tensor | undefined {
  if (value?.kind === 'tensor') return value.tensor
  const load =
    value?.kind === 'number' ? value.number.load : value?.kind === 'column' ? value.load : undefined
  return load && isParallel(load, place) ? { load, steps: [] } : undefined
}

function combined(
  op: 'add' | 'sub' | 'mul',
  left: Value | undefined,
  right: Value | undefined,
  place: FinishShape,
): Value | undefined {
  if (left === undefined || right === undefined) return undefined
  if (right.kind === 'number') return stepped(left, { op, number: right.number })
  if (op !== 'sub' && left.kind === 'number') return stepped(right, { op, number: left.number })
  if (op !== 'add') return undefined
  const [sum, other] = left.kind === 'result' ? [left, right] : [right, left]
  if (sum.kind !== 'result' || !isOpen(sum.finish)) return undefined
  const { finish } = sum
  if (other.kind === 'column' && !finish.column) return result({ ...finish, column: other.load })
  const residual = withTensor(finish.residual, asTensor(other, place))
  return residual && result({ ...finish, residual })
}

/** The sum of two tensors; undefined if they are not one and the same. */
function withTensor(residual: Tensor | undefined, tensor: Tensor | undefined): Tensor | undefined {
  if (residual === undefined || tensor === undefined) return tensor
  const { slot, offset } = tensor.load
  const same = residual.load.slot === slot && residual.load.offset === offset && tensor.steps.length === 0
  return same ? scaled(residual, { op: 'again', number: { load: undefined, value: 0 } }) : undefined
}

function scaled(tensor: Tensor, step: RowStep): Tensor {
  return { ...tensor, steps: [...tensor.steps, step] }
}

function stepped(value: Value, step: RowStep): Value | undefined {
  if (value.kind === 'tensor') return { kind: 'tensor', tensor: scaled(value.tensor, step) }
  if (value.kind !== 'result' || !isOpen(value.finish)) return undefined
  const { finish } = value
  // A factor of the whole sum is one of each of its parts, but a column has no steps.
  if (step.op === 'mul' && finish.column) return undefined
  const { residual } = finish
  return result({
    ...finish,
    steps: [...finish.steps, step],
    residual: residual && step.op === 'mul' ? scaled(residual, step) : residual,
  })
}

function maskOf(left: Value | undefined, right: Value | undefined, place: FinishShape): Value | undefined {
  const tensor = asTensor(left, place)
  if (tensor === undefined || tensor.steps.length > 0) return undefined
  if (right?.kind !== 'number' || right.number.load) return undefined
  return { kind: 'mask', load: tensor.load, threshold: right.number.value }
}

function masked([condition, fill, inside]: readonly (Value | undefined)[]): Value | undefined {
  if (condition?.kind !== 'mask' || inside?.kind !== 'result' || inside.finish.mask) return undefined
  if (fill?.kind !== 'number' || fill.number.load) return undefined
  const { load, threshold } = condition
  return result({ ...inside.finish, mask: { load, threshold, fill: fill.number.value } })
}
