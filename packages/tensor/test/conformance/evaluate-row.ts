import { type DType, evaluate, grad, mul, stopGradient, sum, type Tensor, tensor } from '../../src/index.ts'
import { cotangentValues, float, inputValues, randomFor, type Row } from './row.ts'

/** Whether float inputs are float32 or float64. */
export type Precision = 'float32' | 'float64'

/** What a row gives: its outputs, and the gradients of their weighted sum. */
export interface Outcome {
  readonly outputs: readonly ArrayLike<number>[]
  readonly gradients: readonly ArrayLike<number>[]
}

/** The inputs of a row, from `data` or the row's own numbers. */
export function inputTensors(
  row: Row,
  precision: Precision,
  data: readonly ArrayLike<number>[] = inputValues(row),
): Tensor[] {
  return row.inputs.map(({ shape, dtype }, k) => {
    const type = dtype === 'float32' ? precision : dtype
    return tensor(Float64Array.from(data[k]!), { shape, dtype: type })
  })
}

/**
 * The sum of all float outputs, each weighted by the row's cotangent: the number whose gradient is checked.
 */
export function weightedSum(row: Row, inputs: readonly Tensor[]): Tensor {
  let total: Tensor | undefined
  outputsOf(row, inputs).forEach((output, k) => {
    if (output.dtype !== 'float32' && output.dtype !== 'float64') return
    const { shape, dtype } = output
    const term = sum(mul(output, tensor(cotangentValues(row, k, shape), { shape, dtype })))
    total = total === undefined ? term : total.add(term.cast(total.dtype))
  })
  if (total === undefined) throw new Error(`${row.name}: no float output to differentiate`)
  return total
}

/**
 * The gradients of `weightedSum`, each weighted at random and added up: the number whose gradient is a second
 * one.
 */
export function weightedGradients(row: Row, inputs: readonly Tensor[]): Tensor {
  const gradients = grad((...xs: Tensor[]) => weightedSum(row, xs), { argnums: row.gradients })(...inputs)
  const terms = gradients.map((gradient, k) => {
    const { shape, dtype } = gradient
    const weights = float(shape, -1, 1).fill(randomFor(`${row.name} second ${k}`))
    return sum(mul(gradient, tensor(weights, { shape, dtype })))
  })
  return terms.reduce((total, term) => total.add(term))
}

export function outputsOf(row: Row, inputs: readonly Tensor[]): Tensor[] {
  return [row.run(...inputs)].flat()
}

/** Outputs and gradients in one evaluation, as training does it; the types of the outputs, too. */
export async function evaluateRow(
  row: Row,
  precision: Precision,
): Promise<Outcome & { readonly types: readonly DType[] }> {
  const inputs = inputTensors(row, precision)
  const outputs = outputsOf(row, inputs)
  const gradients = row.gradients.length > 0 ? gradientsOf(row, weightedSum, inputs) : []
  return { ...(await read(outputs, gradients)), types: outputs.map(({ dtype }) => dtype) }
}

/** The gradient of `weightedGradients`. */
export async function evaluateSecond(row: Row, precision: Precision): Promise<Outcome> {
  return read([], gradientsOf(row, weightedGradients, inputTensors(row, precision)))
}

function gradientsOf(
  row: Row,
  f: (row: Row, inputs: readonly Tensor[]) => Tensor,
  inputs: readonly Tensor[],
): Tensor[] {
  return grad((...xs: Tensor[]) => f(row, xs), { argnums: row.gradients })(...inputs).map((x) =>
    stopGradient(x),
  )
}

async function read(outputs: readonly Tensor[], gradients: readonly Tensor[]): Promise<Outcome> {
  await evaluate(...outputs, ...gradients)
  const data = (tensors: readonly Tensor[]): Promise<ArrayLike<number>[]> =>
    Promise.all(tensors.map((x) => x.data()))
  return { outputs: await data(outputs), gradients: await data(gradients) }
}
