import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  commit, compile, configure, conv2d, evaluate, GraphError, IndexError, keep, live, memory, NumericError, Parameter, randomUniform,
  seed, shutdown, State, tensor, type Tensor, ValueError, VersionError, zeros,
} from '../src/index.ts'
import { linearize } from '../src/schedule/linearize.ts'
import { makeProgram } from '../src/schedule/plan.ts'
import type { ConvolutionKernel, Kernel } from '../src/schedule/kernels.ts'
import { lowerConvolution } from '../src/backends/wasm/contract/index.ts'

/** The kernels that a plan for these tensors would have. */
function kernelsOf(...tensors: Tensor[]): readonly Kernel[] {
  return makeProgram(linearize(tensors.map(({ node }) => node), () => {}), true).program.kernels
}

const kinds = (kernels: readonly Kernel[]): string[] => kernels.map(({ kind }) => kind)
const values = async (x: Tensor): Promise<number[]> => [...(await x.data())]

afterAll(shutdown)

describe('fusion', () => {
  beforeEach(() => configure({ backend: 'reference' }))
  afterEach(() => configure())
  const x = tensor([[1, 2, 3], [4, 5, 6]])
  const w = tensor([[1, 2], [3, 4], [5, 6]])

  test('elementwise work and views become one Map', () => {
    expect(kinds(kernelsOf(x.mul(2).add(1).transpose().relu()))).toEqual(['map'])
  })

  test('elementwise work becomes the prologue of a Reduce, and what follows its epilogue', () => {
    expect(kinds(kernelsOf(x.square().sum({ axis: 1 }).sqrt()))).toEqual(['reduce'])
  })

  test('bias and activation become the epilogue of a matmul', () => {
    expect(kinds(kernelsOf(x.matmul(w).add(tensor([1, 2])).relu()))).toEqual(['matmul'])
  })

  test('a batch norm in evaluation, a shortcut and an activation are one kernel with their convolution', () => {
    const [image, weight] = [[2, 3, 5, 5], [3, 3, 3, 3]].map((shape) =>
      tensor(new Float32Array(shape.reduce((product, size) => product * size)), { shape }),
    ) as [Tensor, Tensor]
    const [mean, variance, scale, shift] = [1, 2, 3, 4].map((k) => tensor([k, k + 1, k + 2]).reshape([1, 3, 1, 1]))
    const factor = variance!.add(1e-5).sqrt().reciprocal().mul(scale!)
    const normalised = conv2d(image, weight, { padding: 1 }).sub(mean!).mul(factor).add(shift!)
    const kernels = kernelsOf(normalised.add(image).relu())
    expect(kinds(kernels)).toEqual(['map', 'convolution'])
    const target = { sharedMemory: false, relaxedSimd: false }
    const pass = (): never => { throw new Error('a pass of its own') }
    for (const algorithm of ['direct', 'winograd'] as const)
      expect(lowerConvolution(kernels[1] as ConvolutionKernel, target, pass, algorithm).launches).toHaveLength(
        algorithm === 'direct' ? 4 : 2,
      )
  })

  test('a costly value that is used twice is stored once', () => {
    const costly = x.exp()
    expect(kinds(kernelsOf(costly.sum({ axis: 0 }), costly.sum({ axis: 1 })))).toEqual(['map', 'reduce', 'reduce'])
  })

  test('a costly value is not computed again for each element of what it is spread over', () => {
    const norm = x.square().sum({ axis: 1, keepDims: true }).sqrt()
    expect(kinds(kernelsOf(x.div(norm)))).toEqual(['reduce', 'map'])
  })

  test('a reshape that strides cannot express stores what lies below it', async () => {
    const folded = x.transpose().reshape([2, 3]).mul(10)
    expect(kinds(kernelsOf(folded))).toEqual(['map', 'map'])
    expect(await values(folded)).toEqual([10, 40, 20, 50, 30, 60])
  })

  test('padding an expression pads its result', async () => {
    expect(await values(tensor([1, 2]).add(1).pad([[1, 1]]).mul(2))).toEqual([0, 4, 6, 0])
    expect(await values(zeros([2]).add(1).pad([[1, 0]], { value: 7 }))).toEqual([7, 1, 1])
  })

  test('a chain of a thousand operations is cut, not refused', async () => {
    let y = tensor([0])
    for (let k = 0; k < 1000; k++) y = y.add(tensor([1]))
    expect(await y.item()).toBe(1000)
  })

  test('a chain of ten thousand views is followed to its end', async () => {
    let y: Tensor = tensor([1, 2])
    for (let k = 0; k < 5000; k++) y = y.reshape([2, 1]).flip([0]).reshape([2])
    expect(await values(y.mul(1))).toEqual([1, 2])
  })

  test('graphs that differ in numbers alone share their kernels', () => {
    const graphOf = (scale: number) => linearize([x.mul(scale).node], () => {}).key
    expect(graphOf(2)).toEqual(graphOf(3))
    expect(graphOf(2)).not.toEqual(linearize([x.add(2).node], () => {}).key)
  })
})

describe.each(['reference', 'wasm'] as const)('evaluation on %s', (backend) => {
  beforeEach(() => configure({ backend }))
  afterEach(() => configure())

  test('cells take what is assigned, at the next evaluation, and count versions', async () => {
    const w = new Parameter(tensor([1, 2]), { name: 'w' })
    expect(await values(w)).toEqual([1, 2])
    const before = w.version
    w.assign(w.mul(10))
    expect(w.version).toBe(before + 1)
    expect(await values(w.add(1))).toEqual([11, 21])
    expect(await values(w)).toEqual([10, 20])
  })

  test('a graph built on an old value is refused by name, unless it was evaluated or kept', async () => {
    const w = new Parameter(tensor([1]), { name: 'layer.weight' })
    await commit()
    const stale = w.mul(2)
    const kept = keep(w.mul(3))
    w.assign(tensor([5]))
    await commit()
    expect(await values(kept)).toEqual([3])
    await expect(stale.data()).rejects.toThrow(
      new VersionError(
        'evaluate: built on an old value of layer.weight, which has been assigned since: ' +
          'evaluate or keep() this tensor before the assignment is carried out (optimizer.step())',
      ),
    )
    expect(await values(w)).toEqual([5])
  })

  test('a value that was never computed before it was replaced is old, too', async () => {
    const w = new Parameter(randomUniform([3]), { name: 'w' })
    const stale = w.mul(2)
    w.assign(zeros([3]))
    await commit()
    await expect(stale.data()).rejects.toThrow(VersionError)
  })

  test('two cells may be given the same tensor, and each owns its value', async () => {
    const shared = tensor([1, 2]).mul(2)
    const [a, b] = [new State(shared), new State(shared)]
    await commit()
    a.assign(a.add(1))
    expect(await values(a)).toEqual([3, 5])
    expect(await values(b)).toEqual([2, 4])
    expect(await values(shared)).toEqual([2, 4])
  })

  test('a swap of two cells reads both before it writes either', async () => {
    const [a, b] = [new State(tensor([1])), new State(tensor([2]))]
    await commit()
    const [x, y] = [a.value, b.value]
    a.assign(y)
    b.assign(x)
    expect(await values(a)).toEqual([2])
    expect(await values(b)).toEqual([1])
  })

  test('reading one stale tensor loses nothing that is pending', async () => {
    const w = new Parameter(tensor([1]), { name: 'w' })
    await commit()
    const stale = w.add(1)
    w.assign(tensor([2]))
    await commit()
    w.assign(tensor([3]))
    await expect(stale.data()).rejects.toThrow(VersionError)
    expect(await values(w)).toEqual([3])
  })

  test('live values are read at each evaluation', async () => {
    let rate = 1
    const lr = live([], 'float32', () => [rate])
    expect(await tensor([2]).mul(lr).item()).toBe(2)
    rate = 3
    expect(await tensor([2]).mul(lr).item()).toBe(6)
  })

  test('an index that only the device can see is a fault of the evaluation', async () => {
    const source = tensor([1, 2, 3])
    const index = tensor([1, 2], { dtype: 'int32' }).add(1)
    await expect(source.gather(index, { axis: 0 }).data()).rejects.toThrow(IndexError)
    await expect(source.gather(index, { axis: 0 }).data()).rejects.toThrow('an index is outside of [0, 3)')
  })

  test('a cell whose update fails keeps its value, even the first one', async () => {
    const w = new Parameter(tensor([1, 2]), { name: 'w' })
    const index = tensor([8, 9], { dtype: 'int32' }).add(1)
    w.assign(w.gather(index, { axis: 0 }))
    expect(() => commit()).toThrow(IndexError)
    expect(await values(w)).toEqual([1, 2])
    w.assign(w.gather(index, { axis: 0 }))
    expect(() => commit()).toThrow(IndexError)
    expect(await values(w)).toEqual([1, 2])
  })

  test('a million pending operations are refused with the remedy', () => {
    let y = tensor([0])
    expect(() => {
      for (let k = 0; k < 1e6; k++) y = y.add(y)
    }).toThrow('evaluate once per step')
    expect(() => y.add(1)).toThrow(GraphError)
  })

  test('disposed tensors are refused', async () => {
    const y = tensor([1]).add(1)
    await evaluate(y)
    y.dispose()
    await expect(y.data()).rejects.toThrow(GraphError)
    await expect(y.add(1).data()).rejects.toThrow(GraphError)
  })

  test('evaluated tensors keep their bytes and nothing else', async () => {
    const small = tensor([1]).add(1)
    await evaluate(small)
    const { used } = memory()
    for (let k = 0; k < 100; k++) {
      const large = randomUniform([1000])
      await large.sum().item()
    }
    expect(memory().used - used).toBeLessThan(100 * 4000)
  })

  test('a small value that is read moves to the host, and can still be used', async () => {
    const loss = tensor([3]).mul(2).sum()
    await loss.item()
    const step = (k: number): Promise<number> => tensor([k]).add(1).sum().item()
    await step(0)
    const { used } = memory()
    for (let k = 0; k < 50; k++) await step(k)
    expect(memory().used).toBe(used)
    expect(await loss.add(1).item()).toBe(7)
    const [first, second] = [loss.mul(2), loss.mul(3)]
    expect(await Promise.all([first.item(), first.item(), second.item()])).toEqual([12, 12, 18])
  })

  test('a loss that was read no longer has a history', async () => {
    const w = new Parameter(tensor([1, 2]), { name: 'w' })
    const loss = w.sum()
    await loss.item()
    expect(() => loss.backward()).toThrow('was evaluated before backward() was called')
  })

  test('a loop of awaits leaves timers their turn', async () => {
    const rang: boolean[] = []
    const timer = setTimeout(() => rang.push(true), 1)
    const start = performance.now()
    while (rang.length === 0 && performance.now() - start < 5000) await tensor([1]).add(1).item()
    clearTimeout(timer)
    expect(rang).toEqual([true])
  })

  test('what was pending on another backend is carried over', async () => {
    const w = new Parameter(tensor([1, 2]), { name: 'w' })
    await commit()
    configure({ backend: backend === 'wasm' ? 'reference' : 'wasm' })
    expect(await values(w.add(1))).toEqual([2, 3])
  })
})

describe.each(['reference', 'wasm'] as const)('compile on %s', (backend) => {
  beforeEach(() => configure({ backend }))
  afterEach(() => configure())

  test('traces once per signature and replays with new arguments', async () => {
    let traced = 0
    const f = compile((x: Tensor, y: Tensor) => {
      traced++
      return x.mul(y).sum({ axis: 0 })
    })
    expect(await values(f(tensor([[1, 2]]), tensor([[3, 4]])))).toEqual([3, 8])
    expect(await values(f(tensor([[5, 6]]), tensor([[7, 8]]).add(1)))).toEqual([40, 54])
    expect(traced).toBe(1)
    await values(f(tensor([[1], [2]]), tensor([[3], [4]])))
    expect(traced).toBe(2)
  })

  test('a whole step: gradients, assignments and fresh random numbers in each replay', async () => {
    seed(3)
    const w = new Parameter(tensor([1, 2]), { name: 'w' })
    let rate = 0.5
    const lr = live([], 'float32', () => [rate])
    const step = compile((x: Tensor) => {
      const noise = randomUniform([2])
      const loss = w.mul(x).sum()
      loss.backward()
      const gradient = w.grad!
      w.grad = undefined
      w.assign(w.sub(gradient.mul(lr)))
      return { loss, noise }
    })
    const first = step(tensor([1, 1]))
    expect(await first.loss.item()).toBe(3)
    expect(await values(w)).toEqual([0.5, 1.5])
    rate = 1
    const second = step(tensor([2, 2]))
    expect(await second.loss.item()).toBe(4)
    expect(await values(w)).toEqual([-1.5, -0.5])
    expect(await values(first.noise)).not.toEqual(await values(second.noise))
    seed(3)
    expect(await values(randomUniform([2]))).toEqual(await values(first.noise))
  })

  test('refuses to read values inside, and to leave gradients behind', async () => {
    const w = new Parameter(tensor([1, 2]), { name: 'w' })
    expect(() => compile((x: Tensor) => x.mul(w).sum().backward())(tensor([1, 1]))).toThrow(GraphError)
    w.grad = undefined
    expect(() => compile((async (x: Tensor) => x) as unknown as (x: Tensor) => Tensor)(tensor([1]))).toThrow(
      'compile: the function returned a promise',
    )
  })
})

describe("debug: 'eager'", () => {
  beforeEach(() => configure({ debug: 'eager' }))
  afterEach(() => configure())

  test('stops at the operation that made the first NaN and says where it was called', () => {
    const x = tensor([4, -1])
    expect(() => x.log().add(1)).toThrow(NumericError)
    expect(() => x.log()).toThrow(/^log \[2\]: made the first NaN, at \[1\], from inputs without one; created at .*engine\.test\.ts:\d+/)
  })

  test('lets a NaN pass that was there before', async () => {
    expect(await values(tensor([Number.NaN, 1]).add(1))).toEqual([Number.NaN, 2])
  })

  test('training works as it does otherwise', async () => {
    const w = new Parameter(tensor([1, 2]), { name: 'w' })
    const loss = w.square().sum()
    loss.backward()
    expect(await values(w.grad!)).toEqual([2, 4])
  })
})

test('configure names what it does not know', () => {
  expect(() => configure({ thread: 2 } as object)).toThrow(
    new ValueError('configure: unknown option "thread"; known: backend, threads, relaxedSimd, sharedMemory, deterministic, convolutionAlgorithm, debug, fuse'),
  )
  expect(() => configure({ convolutionAlgorithm: 'fft' as 'direct' })).toThrow(
    new ValueError("configure: convolutionAlgorithm must be 'winograd' or 'direct': fft"),
  )
  expect(() => configure({ threads: 0 })).toThrow('configure: threads must be an integer from 1 to 64: 0')
  expect(() => configure({ backend: 'cuda' as 'wasm' })).toThrow('configure: unknown backend "cuda"; known: wasm, reference')
})
