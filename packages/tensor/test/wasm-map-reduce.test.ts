import { describe, expect, test } from 'vitest'
import type { DType, TypedArray } from '../src/dtype.ts'
import type { ReduceOp } from '../src/graph/scalar.ts'
import type { Access, Body, Instruction, Load, MapKernel, ReduceKernel } from '../src/schedule/kernels.ts'
import {
  alone,
  type Content,
  exactValues,
  difference,
  randomNumbers,
  runKernel,
  shared,
} from './wasm-kernel-runner.ts'

// The numbers come from the reference backend, whose own tests are calculated by hand.

class Chooser {
  readonly random: () => number
  constructor(seed: number) {
    this.random = randomNumbers(seed)
  }
  whole(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1))
  }
  of<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!
  }
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const dense = (shape: readonly number[]): number[] => shape.map((_, axis) => product(shape.slice(axis + 1)))

/** A way to walk through memory (permuted, broadcast, stepping, flipped), and how many elements it needs. */
function someAccess(
  choose: Chooser,
  shape: readonly number[],
): { strides: number[]; offset: number; length: number } {
  const order = [...shape.keys()].sort(() => choose.random() - 0.5)
  const axes = choose.of([true, true, false]) ? [...shape.keys()] : order
  const strides = shape.map(() => 0)
  let next = 1
  let offset = choose.of([0, 0, 0, 3])
  for (const axis of axes.toReversed()) {
    const kind = choose.of(['plain', 'plain', 'plain', 'broadcast', 'step', 'flip'])
    if (kind === 'broadcast') continue
    const step = kind === 'step' ? 2 : 1
    strides[axis] = next * step * (kind === 'flip' ? -1 : 1)
    if (kind === 'flip') offset += next * (shape[axis]! - 1)
    next *= shape[axis]! * step
  }
  return { strides, offset, length: next + offset + 4 }
}

/** A load, sometimes with bounds on one axis or two: then what is outside does not exist in memory. */
function someLoad(
  choose: Chooser,
  shape: readonly number[],
  slot: number,
  dtype: DType,
): { load: Load; length: number } {
  const { strides, offset, length } = someAccess(choose, shape)
  if (choose.random() < 0.7 || shape.length === 0) return { load: { slot, dtype, offset, strides }, length }
  const axes = [...new Set([choose.whole(0, shape.length - 1), choose.whole(0, shape.length - 1)])]
  const bounds = axes.map((axis) => {
    const low = choose.whole(0, shape[axis]!)
    return { axis, low, high: choose.whole(low, shape[axis]!) }
  })
  return { load: { slot, dtype, offset, strides, bounds, fill: dtype === 'float32' ? 0 : 1 }, length }
}

const types = ['float32', 'float32', 'float32', 'int32', 'uint8', 'bool', 'float16'] as const
const binaryOps = {
  float32: ['add', 'sub', 'mul', 'max', 'min', 'floorDiv', 'mod'],
  int32: ['add', 'sub', 'mul', 'max', 'min', 'floorDiv', 'mod', 'div', 'and', 'or', 'xor'],
  uint8: ['add', 'sub', 'mul', 'max', 'min', 'floorDiv', 'mod'],
  bool: ['and', 'or', 'xor', 'max', 'min'],
} as const
const unaryOps = {
  float32: ['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'relu'],
  int32: ['neg', 'abs', 'sign', 'relu'],
  uint8: ['relu'],
  bool: ['not'],
} as const

/** A program of a few instructions, all exact. */
function someBody(
  choose: Chooser,
  shape: readonly number[],
  firstSlot: number,
  result?: DType,
): { body: Body; contents: TypedArray[] } {
  const loads: Load[] = []
  const contents: TypedArray[] = []
  const instructions: Instruction[] = []
  const push = (instruction: Instruction): number => instructions.push(instruction) - 1
  const known = (dtype: DType): number[] =>
    [...instructions.keys()].filter((k) => instructions[k]!.dtype === dtype)
  const cast = (from: number, dtype: DType): number =>
    push({ op: 'cast', dtype, args: [from] })
  for (let k = choose.whole(1, 3); k > 0; k--) {
    const dtype = choose.of(types)
    const { load, length } = someLoad(choose, shape, firstSlot + loads.length, dtype)
    contents.push(exactValues(dtype, length, choose.random))
    loads.push(load)
    const at = push({ op: 'load', dtype, load: loads.length - 1 })
    if (dtype === 'float16') cast(at, 'float32')
  }
  if (shape.length > 0 && choose.random() < 0.3)
    push({ op: 'index', dtype: 'int32', axis: choose.whole(0, shape.length - 1) })
  push({ op: 'value', dtype: choose.of(['float32', 'int32', 'uint8', 'bool']), value: 1 })
  for (let k = choose.whole(0, 4); k > 0; k--) {
    const type = choose.of(['float32', 'float32', 'int32', 'uint8', 'bool'] as const)
    const candidates = known(type)
    const a =
      candidates.length > 0
        ? choose.of(candidates)
        : cast(
            choose.of([...instructions.keys()].filter((at) => instructions[at]!.dtype !== 'float16')),
            type,
          )
    const b = choose.of(known(type))
    const form = choose.whole(0, 3)
    if (form === 0) push({ op: choose.of(unaryOps[type]), dtype: type, args: [a] })
    else if (form === 1)
      push({ op: choose.of(['less', 'lessEqual', 'equal'] as const), dtype: 'bool', args: [a, b] })
    else if (form === 2 && known('bool').length > 0)
      push({ op: 'where', dtype: type, args: [choose.of(known('bool')), a, b] })
    else push({ op: choose.of(binaryOps[type]), dtype: type, args: [a, b] })
  }
  const last = instructions.length - 1
  if (result !== undefined || instructions[last]!.dtype === 'float16') {
    const usable = instructions[last]!.dtype === 'float16' ? cast(last, 'float32') : last
    cast(usable, result ?? 'float32')
  }
  return { body: { loads, instructions }, contents }
}

const someShape = (choose: Chooser, most: number): number[] =>
  Array.from({ length: choose.whole(0, 4) }, () =>
    choose.of([1, 2, 3, 4, 5, 7, 8, 9, 17, 33].filter((size) => size <= most)),
  )

describe('map', () => {
  test('any shape, access pattern, type and program agrees with the reference to the bit', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const choose = new Chooser(seed)
      const shape = someShape(choose, 17)
      const { body, contents } = someBody(choose, shape, 1)
      const dtype = body.instructions.at(-1)!.dtype
      const order = choose.of([true, true, false]) ? [...shape.keys()] : [...shape.keys()].toReversed()
      const strides = dense(order.map((axis) => shape[axis]!))
      const store: Access = {
        slot: 0,
        dtype,
        offset: 0,
        strides: shape.map((_, axis) => strides[order.indexOf(axis)]!),
      }
      const kernel: MapKernel = { kind: 'map', label: `map ${seed}`, shape, body, store }
      expect(difference(kernel, [{ dtype, length: product(shape) }, ...contents], [0.5, 1])).toBeUndefined()
    }
  })

  test('a shape so large that both threads take chunks', () => {
    const shape = [3, 70_001]
    const choose = new Chooser(5)
    const x = exactValues('float32', product(shape), choose.random)
    const y = exactValues('uint8', shape[1]!, choose.random)
    const kernel: MapKernel = {
      kind: 'map',
      label: 'large',
      shape,
      body: {
        loads: [
          { slot: 1, dtype: 'float32', offset: 0, strides: [shape[1]!, 1] },
          { slot: 2, dtype: 'uint8', offset: 0, strides: [0, 1] },
        ],
        instructions: [
          { op: 'load', dtype: 'float32', load: 0 },
          { op: 'load', dtype: 'uint8', load: 1 },
          { op: 'cast', dtype: 'float32', args: [1] },
          { op: 'mul', dtype: 'float32', args: [0, 2] },
        ],
      },
      store: { slot: 0, dtype: 'float32', offset: 0, strides: [shape[1]!, 1] },
    }
    expect(difference(kernel, [{ dtype: 'float32', length: product(shape) }, x, y])).toBeUndefined()
  })

  test.each([
    [
      [40, 33],
      [1, 40],
    ],
    [
      [3, 17, 50],
      [850, 1, 17],
    ],
    [
      [9, 64],
      [-1, 9],
    ],
  ])('a transposition %j by strides %j, which goes in tiles', (shape, strides) => {
    const x = exactValues('float32', product(shape), randomNumbers(1))
    const offset = strides.some((stride) => stride < 0) ? shape[0]! - 1 : 0
    const kernel: MapKernel = {
      kind: 'map',
      label: 'transpose',
      shape,
      body: {
        loads: [{ slot: 1, dtype: 'float32', offset, strides }],
        instructions: [
          { op: 'load', dtype: 'float32', load: 0 },
          { op: 'index', dtype: 'int32', axis: 0 },
          { op: 'cast', dtype: 'float32', args: [1] },
          { op: 'add', dtype: 'float32', args: [0, 2] },
        ],
      },
      store: { slot: 0, dtype: 'float32', offset: 0, strides: dense(shape) },
    }
    expect(difference(kernel, [{ dtype: 'float32', length: product(shape) }, x])).toBeUndefined()
  })

  const moves: [shape: number[], strides: number[], dtype: DType][] = [
    [[4, 4], [1, 4], 'float32'],
    [[5, 7], [1, 5], 'int32'],
    [[130, 67], [1, 130], 'float32'],
    [[3, 17, 50], [850, 1, 17], 'float32'],
    [[17, 3, 50], [1, 850, 17], 'float32'],
    [[70, 6, 5], [1, 350, 70], 'float32'],
    [[9, 64], [-1, 9], 'float32'],
    [[3, 64], [1, 3], 'float32'],
    [[40, 30], [1, 40], 'uint8'],
  ]
  test.each(moves)('elements of %j that lie %j apart are only moved, as %s', (shape, strides, dtype) => {
    const x = exactValues(dtype, product(shape), randomNumbers(1))
    const offset = strides[0]! < 0 ? shape[0]! - 1 : 0
    const kernel: MapKernel = {
      kind: 'map',
      label: 'move',
      shape,
      body: { loads: [{ slot: 1, dtype, offset, strides }], instructions: [{ op: 'load', dtype, load: 0 }] },
      store: { slot: 0, dtype, offset: 0, strides: dense(shape) },
    }
    expect(difference(kernel, [{ dtype, length: product(shape) }, x])).toBeUndefined()
  })

  test('nothing happens on a shape without elements', () => {
    const load: Load = { slot: 1, dtype: 'float32', offset: 0, strides: [0, 1] }
    const body: Body = { loads: [load], instructions: [{ op: 'load', dtype: 'float32', load: 0 }] }
    const store: Access = { slot: 0, dtype: 'float32', offset: 0, strides: [0, 1] }
    expect(
      difference({ kind: 'map', label: 'empty', shape: [3, 0], body, store }, [
        { dtype: 'float32', length: 0 },
        new Float32Array(1),
      ]),
    ).toBeUndefined()
  })

  test('float64 is refused', () => {
    const load: Load = { slot: 1, dtype: 'float64', offset: 0, strides: [1] }
    const body: Body = { loads: [load], instructions: [{ op: 'load', dtype: 'float64', load: 0 }] }
    const kernel: MapKernel = {
      kind: 'map',
      label: 'add → y',
      shape: [2],
      body,
      store: { slot: 0, dtype: 'float64', offset: 0, strides: [1] },
    }
    expect(() => runKernel(alone, kernel, [{ dtype: 'float64', length: 2 }, new Float64Array(2)])).toThrow(
      'wasm: float64 is computed on the reference backend only (in add → y)',
    )
  })
})

const bare = (dtype: DType): Body => ({ loads: [], instructions: [{ op: 'accumulator', dtype }] })

describe('reduce', () => {
  test('any shape, access pattern, type, prologue and epilogue agrees with the reference to the bit', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const choose = new Chooser(seed)
      const shape = someShape(choose, 9).slice(0, 3)
      const reduced = choose.random() < 0.05 ? [3, 0] : someShape(choose, 9).slice(0, 3)
      const type = choose.of(['float32', 'float32', 'int32', 'bool', 'uint8'] as const)
      const op: ReduceOp = type === 'bool' ? choose.of(['max', 'min']) : choose.of(['sum', 'max', 'min'])
      const prologue = someBody(choose, [...shape, ...reduced], 1, type)
      const plain = choose.random() < 0.5
      const slots = 1 + prologue.contents.length
      const load = someLoad(choose, shape, slots, 'float32')
      const last: Instruction[] = [
        { op: 'accumulator', dtype: type },
        { op: 'cast', dtype: 'float32', args: [0] },
        { op: 'load', dtype: 'float32', load: 0 },
        { op: 'add', dtype: 'float32', args: [1, 2] },
      ]
      const epilogue: Body = plain ? bare(type) : { loads: [load.load], instructions: last }
      const dtype = plain ? type : 'float32'
      const contents: Content[] = [{ dtype, length: product(shape) }, ...prologue.contents]
      if (!plain) contents.push(exactValues('float32', load.length, choose.random))
      const kernel: ReduceKernel = {
        kind: 'reduce',
        label: `reduce ${seed}`,
        op,
        shape,
        reduced,
        prologue: prologue.body,
        epilogue,
        store: { slot: 0, dtype, offset: 0, strides: dense(shape) },
      }
      expect(difference(kernel, contents, [0.5, 1])).toBeUndefined()
    }
  })

  const cases: [shape: number[], reduced: number[], strides: number[]][] = [
    [[], [200_003], [1]],
    [[3], [50_001], [50_001, 1]],
    [[5], [40_000], [1, 5]],
    [[100], [1000], [1, 100]],
    [[259], [1100], [1, 259]],
    [[2, 256], [3, 700], [179_200 * 3, 1, 179_200, 256]],
    [[20], [40, 75], [75, 1500, 1]],
    [
      [2, 3],
      [7, 5000],
      [105_000, 5000, 15_000, 1],
    ],
    [[], [300, 301], [1, 300]],
  ]
  test.each(cases)(
    'sums of %j over %j in parts are exact and the same on any number of threads',
    (shape, reduced, strides) => {
      const x = exactValues('float32', product([...shape, ...reduced]), randomNumbers(1))
      const prologue: Body = {
        loads: [{ slot: 1, dtype: 'float32', offset: 0, strides }],
        instructions: [{ op: 'load', dtype: 'float32', load: 0 }],
      }
      for (const op of ['sum', 'max'] as const) {
        const store: Access = { slot: 0, dtype: 'float32', offset: 0, strides: dense(shape) }
        const kernel: ReduceKernel = {
          kind: 'reduce',
          label: op,
          op,
          shape,
          reduced,
          prologue,
          epilogue: bare('float32'),
          store,
        }
        expect(difference(kernel, [{ dtype: 'float32', length: product(shape) }, x])).toBeUndefined()
      }
    },
  )

  test('NaN wins in max and min, sums of a million stay accurate, and threads change no bit', () => {
    const random = randomNumbers(9)
    const x = Float32Array.from({ length: 1_000_000 }, () => random())
    const sum = (values: Float32Array, op: ReduceOp = 'sum'): Float32Array[] =>
      [alone, shared].map(
        (backend) =>
          runKernel(
            backend,
            {
              kind: 'reduce',
              label: op,
              op,
              shape: [],
              reduced: [values.length],
              epilogue: bare('float32'),
              prologue: {
                loads: [{ slot: 1, dtype: 'float32', offset: 0, strides: [1] }],
                instructions: [{ op: 'load', dtype: 'float32', load: 0 }],
              },
              store: { slot: 0, dtype: 'float32', offset: 0, strides: [] },
            },
            [{ dtype: 'float32', length: 1 }, values],
          ).result as Float32Array,
      )
    const exact = x.reduce((a, b) => a + b, 0)
    const [one, two] = sum(x)
    expect(Math.abs(one![0]! - exact) / exact).toBeLessThan(2e-7)
    expect(two).toEqual(one)
    x[777_777] = NaN
    for (const op of ['max', 'min'] as const) for (const result of sum(x, op)) expect(result[0]).toBeNaN()
  })
})
