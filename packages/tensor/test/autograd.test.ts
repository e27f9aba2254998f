import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  abs, arange, avgPool2d, concat, configure, conv2d, cumsum, erf, exp, grad, GraphError, log, matmul, max, maximum,
  maxPool2d, noGrad, Parameter, pow, prod, relu, shutdown, sigmoid, softplus, sort, sqrt, State, stopGradient, sum,
  tensor, type Tensor, valueAndGrad, where, zeros,
} from '../src/index.ts'

// float64 on the reference backend, so that hand calculations can be compared digit by digit.
beforeEach(() => configure({ backend: 'reference' }))
afterAll(shutdown)

const f64 = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: 'float64' })
const flat = async (x: Tensor): Promise<number[]> => [...(await x.data())]
const scalar = (f: (x: Tensor) => Tensor) => (x: Tensor): Tensor => f(x).sum()

describe('backward', () => {
  test('adds the gradient of a loss to each parameter it depends on', async () => {
    const w = new Parameter(tensor([[1, 2], [3, 4]]))
    const b = new Parameter(tensor([10, 20]))
    const loss = matmul(tensor([[1, 1]]), w).add(b).square().sum()
    loss.backward()
    // y = [14, 26]; dL/dw = xᵀ·2y, dL/db = 2y.
    expect(await w.grad!.array()).toEqual([[28, 52], [28, 52]])
    expect(await b.grad!.array()).toEqual([28, 52])
    expect(await loss.item()).toBe(14 * 14 + 26 * 26)
  })

  test('a second call adds to the gradients of the first', async () => {
    const w = new Parameter(tensor([3]))
    w.mul(2).sum().backward()
    w.square().sum().backward()
    expect(await w.grad!.array()).toEqual([2 + 6])
  })

  test('a parameter used twice gets both parts', async () => {
    const w = new Parameter(tensor([3]))
    w.mul(w).add(w).sum().backward()
    expect(await w.grad!.array()).toEqual([7])
  })

  test('evaluates the loss and the gradients in one pass, whichever is read first', async () => {
    const w = new Parameter(tensor([3]))
    const loss = w.square().sum()
    loss.backward()
    expect(await loss.item()).toBe(9)
    expect(w.grad!.node.op.kind).toBe('stored')
  })

  test('a parameter that is reached without slope gets zeros', async () => {
    const w = new Parameter(tensor([1.5, 2.5]))
    w.floor().sum().backward()
    expect(await w.grad!.array()).toEqual([0, 0])
  })

  test('what is frozen, stopped or a state gets none', async () => {
    const w = new Parameter(tensor([1]))
    const frozen = new Parameter(tensor([2]))
    frozen.requiresGrad = false
    const stopped = new Parameter(tensor([3]))
    const state = new State(tensor([4]))
    w.mul(frozen).mul(stopGradient(stopped)).mul(state).sum().backward()
    expect(await w.grad!.array()).toEqual([24])
    expect(frozen.grad).toBeUndefined()
    expect(stopped.grad).toBeUndefined()
  })

  test('refuses a tensor whose history is gone', async () => {
    const w = new Parameter(tensor([1, 2]))
    const hidden = w.mul(2)
    await hidden.data()
    expect(() => hidden.sum().backward()).toThrow(new GraphError(
      'backward: a tensor of shape [2] was evaluated before backward() was called, so its history is gone: ' +
        'differentiate first, then read the value (or stopGradient() it)',
    ))
    stopGradient(hidden).mul(w).sum().backward()
    expect(await w.grad!.array()).toEqual([2, 4])
  })

  test('goes through thousands of operations without recursion', async () => {
    const w = new Parameter(tensor(1))
    let y: Tensor = w
    for (let k = 0; k < 4000; k++) y = y.add(1)
    y.backward()
    expect(await w.grad!.item()).toBe(1)
  })

  test('gradients are plain values: they ask for no gradients themselves', () => {
    const w = new Parameter(tensor([3]))
    w.square().sum().backward()
    expect(w.grad!.node.tracked).toBe(false)
  })
})

describe('grad', () => {
  test('differentiates with respect to the first argument, or those named', async () => {
    const f = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum()
    expect(await flat(grad(f)(tensor([1, 2]), tensor([3, 4])))).toEqual([3, 4])
    expect(await flat(grad(f, { argnums: 1 })(tensor([1, 2]), tensor([3, 4])))).toEqual([1, 2])
    const [a, b] = grad(f, { argnums: [0, 1] })(tensor([1, 2]), tensor([3, 4]))
    expect([await flat(a!), await flat(b!)]).toEqual([[3, 4], [1, 2]])
  })

  test('gives zeros for an argument that is not used', async () => {
    expect(await flat(grad(() => tensor(1))(...([tensor([1, 2])] as unknown as [])))).toEqual([0, 0])
  })

  test('gives value and gradient', async () => {
    const { value, gradient } = valueAndGrad((x: Tensor) => x.square().sum())(tensor([1, 2]))
    expect(await value.item()).toBe(5)
    expect(await flat(gradient)).toEqual([2, 4])
  })

  test('a result can be read and used in another loss', async () => {
    const slope = grad((x: Tensor) => x.square().sum())(tensor([3]))
    expect(await flat(slope)).toEqual([6])
    const w = new Parameter(tensor([2]))
    w.mul(slope).sum().backward()
    expect(await w.grad!.array()).toEqual([6])
  })

  test('passes through to parameters that the function uses', async () => {
    const w = new Parameter(tensor([2]))
    // d/dx (w·x³) = 3·w·x²; its derivative with respect to w is 3·x².
    grad((x: Tensor) => w.mul(x.mul(x).mul(x)).sum())(tensor([5])).sum().backward()
    expect(await w.grad!.array()).toEqual([75])
  })

  test('does not add to the gradients of parameters', () => {
    const w = new Parameter(tensor([2]))
    grad((x: Tensor) => w.mul(x).sum())(w)
    expect(w.grad).toBeUndefined()
  })

  test('works within noGrad', async () => {
    expect(await flat(noGrad(() => grad((x: Tensor) => x.square().sum())(tensor([3]))))).toEqual([6])
  })

  test('nests: third derivatives', async () => {
    const cube = scalar((x) => pow(x, 3))
    const first = scalar(grad(cube))
    const second = scalar(grad(first))
    expect(await flat(grad(second)(f64([2, -1])))).toEqual([6, 6])
    expect(await flat(grad(first)(f64([2, -1])))).toEqual([12, -6])
  })

  test('nests with outer arguments inside', async () => {
    // d/dy [ y · d/dx (x²·y) ] at x = 3: d/dy (y · 6·y) = 12·y.
    const outer = (y: Tensor): Tensor => grad((x: Tensor) => x.square().mul(y).sum())(f64([3])).mul(y).sum()
    expect(await flat(grad(outer)(f64([5])))).toEqual([60])
  })
})

describe('conventions where a derivative does not exist or overflows', () => {
  const cases: readonly { name: string; f: (x: Tensor) => Tensor; at: number[]; slope: number[] }[] = [
    { name: 'relu at 0 has slope 0', f: relu, at: [-1, 0, 2], slope: [0, 0, 1] },
    { name: 'abs at 0 has slope 0', f: abs, at: [-1, 0, 2], slope: [-1, 0, 1] },
    { name: 'sqrt at 0 has an infinite slope', f: sqrt, at: [0, 4], slope: [Infinity, 0.25] },
    { name: 'maximum shares between equals', f: (x) => maximum(x, 1), at: [0, 1, 2], slope: [0, 0.5, 1] },
    { name: 'max shares between equals', f: (x) => max(x), at: [1, 3, 3], slope: [0, 0.5, 0.5] },
    { name: 'x⁰ has slope 0 at 0', f: (x) => pow(x, 0), at: [0, 2], slope: [0, 0] },
    { name: 'x² has slope 0 at 0, by a tensor exponent', f: (x) => pow(x, tensor([2])), at: [0, -3], slope: [0, -6] },
    { name: '0ʸ has slope 0', f: (y) => pow(0, y), at: [0, 1, 2], slope: [0, 0, 0] },
    { name: 'prod with one zero', f: (x) => prod(x), at: [0, 3, 4], slope: [12, 0, 0] },
    { name: 'prod with two zeros', f: (x) => prod(x), at: [0, 3, 0], slope: [0, 0, 0] },
    { name: 'clamp passes at its bounds', f: (x) => x.clamp({ min: 0, max: 1 }), at: [-1, 0, 1, 2], slope: [0, 1, 1, 0] },
    { name: 'softplus is smooth', f: softplus, at: [0, 1000, -1000], slope: [0.5, 1, 0] },
    { name: 'where does not leak', f: (x) => where(x.greater(0), log(where(x.greater(0), x, 1)), 0), at: [0, 2], slope: [0, 0.5] },
  ]
  test.each(cases)('$name', async ({ f, at, slope }) => {
    expect(await flat(grad(scalar(f))(f64(at)))).toEqual(slope)
  })

  test('max pooling gives equals\' gradient to the first', async () => {
    const pooled = scalar((x) => maxPool2d(x, { kernel: 2 }))
    expect(await flat(grad(pooled)(f64([[1, 5], [5, 0]])))).toEqual([0, 1, 0, 0])
  })
})

describe('what is used many times', () => {
  type Range = readonly [number, number] | readonly [number, number, number] | undefined
  const cuts: readonly { name: string; ranges: readonly (readonly Range[])[] }[] = [
    { name: 'side by side', ranges: [[undefined, [0, 2]], [undefined, [2, 5]]] },
    { name: 'out of order, with gaps', ranges: [[undefined, [5, 6]], [undefined, [1, 2]], [undefined, [3, 5]]] },
    { name: 'rows', ranges: [[[2, 3]], [[0, 1]], [[1, 2]]] },
    { name: 'overlapping', ranges: [[undefined, [0, 3]], [undefined, [2, 5]]] },
    { name: 'the same twice', ranges: [[[1, 3]], [[1, 3]]] },
    { name: 'with a step', ranges: [[undefined, [0, 6, 2]], [undefined, [1, 6, 2]]] },
    { name: 'backwards', ranges: [[undefined, [5, 2, -1]], [undefined, [0, 3]]] },
    { name: 'along different axes', ranges: [[[0, 2]], [undefined, [0, 2]]] },
    { name: 'cut along two axes', ranges: [[[0, 2], [0, 3]], [[0, 2], [3, 6]]] },
    { name: 'an empty one among them', ranges: [[undefined, [0, 2]], [undefined, [2, 2]], [undefined, [4, 6]]] },
  ]
  test.each(cuts)('slices $name', async ({ ranges }) => {
    const [rows, columns] = [3, 6]
    const x = f64(Array.from({ length: rows * columns }, (_, k) => k)).reshape([rows, columns])
    const positions = (range: Range, size: number): number[] => {
      const [from, to, by = 1] = range ?? [0, size]
      return Array.from({ length: Math.abs(to - from) }, (_, k) => from + Math.sign(by) * k).filter((_, k) => k % by === 0)
    }
    // Each slice has a factor of its own; x as a whole has 1.
    const expected = Array.from({ length: rows * columns }, () => 1)
    for (const [k, [first, second]] of ranges.entries()) {
      for (const row of positions(first, rows)) {
        for (const column of positions(second, columns)) expected[row * columns + column]! += k + 2
      }
    }
    const total = (v: Tensor): Tensor => ranges.map((range, k) => v.slice(range).mul(k + 2).sum()).reduce((a, b) => a.add(b), v.sum())
    expect(await flat(grad(total)(x))).toEqual(expected)
  })

  // With 4×4 weights one row is little beside them, three rows are not.
  const products = [[1, 1, 1], [1, 3, 1], [3, 2, 0, 1]].flatMap((heights) => [false, true].map((transposed) => ({ heights, transposed })))
  test.each(products)('products of $heights rows with one weight, transposed: $transposed', async ({ heights, transposed }) => {
    const lefts = heights.map((rows, k) => Array.from({ length: rows * 4 }, (_, i) => (i * 7 + k * 3) % 11))
    const w = f64(Array.from({ length: 16 }, (_, k) => k)).reshape([4, 4])
    const total = (v: Tensor): Tensor => {
      const right = transposed ? v.transpose() : v
      return lefts.map((left, k) => matmul(f64(left).reshape([-1, 4]), right).mul(k + 1).sum()).reduce((a, b) => a.add(b))
    }
    // d/dw[i][j] of Σₖ (k + 1) Σ left·w: the column sums of the left operands, the same for every j.
    const columns = [0, 1, 2, 3].map((i) => lefts.reduce(
      (sum, left, k) => sum + (k + 1) * left.filter((_, at) => at % 4 === i).reduce((a, b) => a + b, 0), 0,
    ))
    const expected = Array.from({ length: 16 }, (_, at) => columns[transposed ? at % 4 : at >> 2]!)
    expect(await flat(grad(total)(w))).toEqual(expected)
  })

  test('a weight in a loop over time takes one product', () => {
    const w = new Parameter(zeros([8, 8]))
    let state: Tensor = zeros([2, 8])
    for (let step = 0; step < 5; step++) state = matmul(state, w).tanh()
    state.sum().backward()
    const products = new Set<number>()
    const open = [w.grad!.node]
    for (let node = open.pop(); node; node = open.pop()) {
      if (node.op.kind === 'matmul') products.add(node.id)
      open.push(...node.inputs)
    }
    // Five forward, four gradients of states, one of the weight.
    expect(products.size).toBe(10)
  })
})

describe('second derivatives against finite differences of the first', () => {
  // Central differences with h = 1e-5 in float64 leave about 1e-10 of the third derivative and 1e-11 of
  // rounding.
  const x = f64([0.3, -0.8, 1.7, 0.6])
  const cases: readonly { name: string; f: (x: Tensor) => Tensor }[] = [
    { name: 'elementwise', f: (v) => exp(v).mul(sigmoid(v)).add(v.tanh()).add(erf(v)).div(v.square().add(1)) },
    { name: 'reductions', f: (v) => v.variance().add(v.logsumexp()).add(prod(v)).add(v.mean().square()) },
    { name: 'softmax', f: (v) => v.softmax().square() },
    { name: 'movement', f: (v) => concat([v.flip(), v.slice([[null, null, -2]])]).pad([[1, 2]]).reshape([3, 3]).square().transpose().mul(arange(9).reshape([3, 3])) },
    { name: 'matmul', f: (v) => matmul(v.reshape([2, 2]), v.reshape([2, 2]).transpose()).square() },
    { name: 'slices', f: (v) => v.slice([[0, 1]]).mul(v.slice([[1, 3]])).add(v.slice([[3, 4]]).exp()).square() },
    { name: 'matmuls with one weight', f: (v) => matmul(matmul(v.slice([[0, 2]]).reshape([1, 2]), v.reshape([2, 2])).tanh(), v.reshape([2, 2])) },
    { name: 'a recurrence', f: (v) => {
      const w = v.reshape([1, 4]).mul(v.reshape([4, 1]))
      return [0, 1, 2].reduce((state) => matmul(state, w).tanh(), v.reshape([1, 4]))
    } },
    { name: 'convolution', f: (v) => conv2d(v.square().reshape([1, 1, 2, 2]), v.reshape([1, 1, 2, 2]), { padding: 1, stride: 1 }).square() },
    { name: 'pooling', f: (v) => avgPool2d(v.reshape([2, 2]).square(), { kernel: 2, padding: 1 }).square() },
    { name: 'max pooling', f: (v) => maxPool2d(v.reshape([1, 4]).square(), { kernel: [1, 2] }).square() },
    { name: 'positions', f: (v) => sort(cumsum(v.take(tensor([0, 2, 2], { dtype: 'int32' })).square()).square()).values.slice([[1]]) },
    { name: 'powers', f: (v) => pow(v.abs().add(1), v) },
  ]
  test.each(cases)('$name', async ({ f }) => {
    const first = grad(scalar(f))
    // One row of the Hessian, weighted: g(x) = wᵀ∇f, so that ∇g = H·w.
    const w = f64([1, -2, 0.5, 3])
    const hessian = await flat(grad((v: Tensor) => sum(first(v).mul(w)))(x))
    const h = 1e-5
    const numeric = await Promise.all([0, 1, 2, 3].map(async (i) => {
      const step = zeros([4], { dtype: 'float64' }).add(tensor([0, 1, 2, 3].map((k) => (k === i ? h : 0)), { dtype: 'float64' }))
      const [up, down] = [sum(first(x.add(step)).mul(w)), sum(first(x.sub(step)).mul(w))]
      return ((await up.item()) - (await down.item())) / (2 * h)
    }))
    for (const [i, value] of hessian.entries()) expect(value).toBeCloseTo(numeric[i]!, 6)
  })
})

describe('noGrad', () => {
  test('what is built inside is not tracked', async () => {
    const w = new Parameter(tensor([2]))
    const inside = noGrad(() => w.mul(3))
    expect(inside.node.tracked).toBe(false)
    inside.mul(w).sum().backward()
    expect(await w.grad!.array()).toEqual([6])
  })

  test('ends with an error, too', () => {
    const w = new Parameter(tensor([2]))
    expect(() => noGrad(() => { throw new Error('inside') })).toThrow('inside')
    expect(w.mul(3).node.tracked).toBe(true)
  })
})
