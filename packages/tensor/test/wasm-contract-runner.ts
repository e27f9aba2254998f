import {
  type Code,
  detectFeatures,
  f32,
  forRange,
  i32,
  ModuleBuilder,
  type Target,
} from '../src/backends/wasm/assembler/index.ts'
import type { Body } from '../src/schedule/kernels.ts'
import type { EpiloguePass } from '../src/backends/wasm/contract/index.ts'
import { int, type Launch, type Lowering, slotAddress, type Word } from '../src/backends/wasm/launch.ts'

type Kernel = (args: number, begin: number, end: number, threadScratch: number) => void

/** Both ways of multiplying and adding, as far as this engine has them. */
export const targets: readonly (Target & { readonly name: string })[] = [
  { name: 'relaxed', sharedMemory: false, relaxedSimd: true },
  { name: 'plain', sharedMemory: false, relaxedSimd: false },
].filter(({ relaxedSimd }) => !relaxedSimd || detectFeatures().relaxedSimd)

/**
 * Runs launches on one thread, in chunks of their grain from the last to the first, in a memory full of NaN.
 */
export class Runner {
  readonly target: Target
  readonly memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 })
  readonly #modules = new Map<string, WebAssembly.Exports>()
  readonly #slots: number[] = []
  #top = 64

  constructor(target: Target) {
    this.target = target
  }

  /** Memory for a slot, filled with `values` or, for a number of elements, with NaN. Returns the slot. */
  slot(values: Float32Array | Int32Array | number): number {
    const count = typeof values === 'number' ? values : values.length
    const address = this.#take(4 * count)
    if (typeof values === 'number') new Float32Array(this.memory.buffer, address, count).fill(Number.NaN)
    else
      new Uint8Array(this.memory.buffer, address).set(
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      )
    this.#slots.push(address)
    return this.#slots.length - 1
  }

  floats(slot: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, this.#slots[slot], count).slice()
  }

  ints(slot: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, this.#slots[slot], count).slice()
  }

  /**
   * Binds a lowering; the function it returns runs it, in chunks or with all units of a launch in one call.
   */
  bind({ launches, scratchBytes, threadScratchBytes }: Lowering, whole = false): () => void {
    const scratch = this.#takeNaN(scratchBytes)
    const threadScratch = this.#takeNaN(threadScratchBytes)
    const guard = this.#takeNaN(64)
    const bound = launches.map((launch) => {
      const block = this.#take(4 * launch.args.length)
      const words = launch.args.map((word) => this.#word(word, scratch))
      new Int32Array(this.memory.buffer, block, words.length).set(words)
      return {
        kernel: this.#compile(launch),
        block,
        units: launch.units,
        grain: whole ? Math.max(1, launch.units) : launch.grain,
      }
    })
    return () => {
      for (const { kernel, block, units, grain } of bound) {
        const chunks = Math.ceil(units / grain)
        for (let chunk = chunks - 1; chunk >= 0; chunk--) {
          kernel(block, chunk * grain, Math.min(units, (chunk + 1) * grain), threadScratch)
        }
      }
      if (new Float32Array(this.memory.buffer, guard, 16).some((value) => !Number.isNaN(value))) {
        throw new Error('a kernel wrote past its thread scratch')
      }
    }
  }

  run(lowering: Lowering, whole = false): void {
    this.bind(lowering, whole)()
  }

  /** The bits of a result, computed chunk by chunk and in one go. */
  bothWays(lowering: Lowering, slot: number, count: number): [Int32Array, Int32Array] {
    const results = [false, true].map((whole) => {
      this.run(lowering, whole)
      return this.ints(slot, count)
    })
    return [results[0]!, results[1]!]
  }

  #take(bytes: number): number {
    const address = this.#top
    this.#top = Math.ceil((address + bytes) / 64) * 64 + 64
    const missing = this.#top + 4096 - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536))
    return address
  }

  #takeNaN(bytes: number): number {
    const address = this.#take(bytes)
    new Float32Array(this.memory.buffer, address, Math.ceil(bytes / 4)).fill(Number.NaN)
    return address
  }

  #word(word: Word, scratch: number): number {
    if (word.kind === 'slot') return this.#slots[word.slot]! + word.offset
    if (word.kind === 'scratch') return scratch + word.offset
    if (word.kind === 'i32') return word.value
    return new Int32Array(Float32Array.of(runTimeValues[word.value]!).buffer)[0]!
  }

  #compile({ module, entry }: Launch): Kernel {
    let instance = this.#modules.get(module.key)
    if (instance === undefined) {
      const builder = new ModuleBuilder(this.target)
      module.write(builder)
      instance = new WebAssembly.Instance(new WebAssembly.Module(builder.bytes()), {
        env: { memory: this.memory },
      }).exports
      this.#modules.set(module.key, instance)
    }
    return instance[entry] as Kernel
  }
}

/** The numbers that launches read at run time. */
const runTimeValues = [0.25, -3]

/** `relu(accumulator + bias)`. */
export function biasAndRelu(slot: number, strides: readonly number[]): Body {
  return {
    loads: [{ slot, dtype: 'float32', offset: 0, strides }],
    instructions: [
      { op: 'accumulator', dtype: 'float32' },
      { op: 'load', dtype: 'float32', load: 0 },
      { op: 'add', dtype: 'float32', args: [0, 1] },
      { op: 'relu', dtype: 'float32', args: [2] },
    ],
  }
}

/** `where(mask ≤ 0.25, −3, accumulator)`. */
export function maskedWhere(slot: number, strides: readonly number[]): Body {
  return {
    loads: [{ slot, dtype: 'float32', offset: 0, strides }],
    instructions: [
      { op: 'load', dtype: 'float32', load: 0 },
      { op: 'value', dtype: 'float32', value: 0 },
      { op: 'lessEqual', dtype: 'bool', args: [0, 1] },
      { op: 'value', dtype: 'float32', value: 1 },
      { op: 'accumulator', dtype: 'float32' },
      { op: 'where', dtype: 'float32', args: [2, 3, 4] },
    ],
  }
}

/** `where(mask ≤ 0.25, −3, relu((accumulator + a − b) · c + d + (residual · c + a)))`, a to d by row. */
export function normalisedShortcut(
  rows: readonly number[],
  full: readonly number[],
  rowStrides: readonly number[],
  strides: readonly number[],
): Body {
  const load = (slot: number, of: readonly number[]) =>
    ({ slot, dtype: 'float32', offset: 0, strides: of }) as const
  const float = 'float32' as const
  return {
    loads: [...rows.map((slot) => load(slot, rowStrides)), ...full.map((slot) => load(slot, strides))],
    instructions: [
      ...[0, 1, 2, 3, 4, 5].map((k) => ({ op: 'load', dtype: float, load: k }) as const),
      { op: 'accumulator', dtype: float },
      { op: 'add', dtype: float, args: [6, 0] },
      { op: 'sub', dtype: float, args: [7, 1] },
      { op: 'mul', dtype: float, args: [2, 8] },
      { op: 'add', dtype: float, args: [9, 3] },
      { op: 'mul', dtype: float, args: [4, 2] },
      { op: 'add', dtype: float, args: [11, 0] },
      { op: 'add', dtype: float, args: [12, 10] },
      { op: 'relu', dtype: float, args: [13] },
      { op: 'value', dtype: float, value: 0 },
      { op: 'lessEqual', dtype: 'bool', args: [5, 15] },
      { op: 'value', dtype: float, value: 1 },
      { op: 'where', dtype: float, args: [16, 17, 14] },
    ],
  }
}

/** What `normalisedShortcut` computes, in doubles. */
export function shortcutOf(
  product: ArrayLike<number>,
  rows: readonly Float32Array[],
  [residual, mask]: readonly [Float32Array, Float32Array],
  rowOf: (index: number) => number,
): Float64Array {
  return Float64Array.from(product, (value, index) => {
    const [a, b, c, d] = rows.map((numbers) => numbers[rowOf(index)]!) as [number, number, number, number]
    const sum = (value + a - b) * c + d + residual[index]! * c + a
    return mask[index]! <= 0.25 ? -3 : Math.max(0, sum)
  })
}

/** A stand-in for the elementwise code generator: the store is 2 · accumulator + 1, over dense arrays. */
export function twicePlusOne({ shape, store, accumulator }: EpiloguePass): Launch[] {
  const units = shape.reduce((product, size) => product * size, 1)
  const write = (builder: ModuleBuilder): void => {
    builder.func({ name: 'run', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, block, begin, end): Code => {
      const index = locals.i32()
      return forRange(
        index,
        begin,
        end,
        1,
        f32.store(
          i32.add(i32.load(block, 4), i32.shl(index, 2)),
          f32.add(f32.mul(2, f32.load(i32.add(i32.load(block), i32.shl(index, 2)))), 1),
        ),
      )
    })
  }
  const args = [accumulator.address, slotAddress(store.slot, 4 * store.offset), int(units)]
  return [{ module: { key: 'twice-plus-one', write }, entry: 'run', args, units, grain: 7 }]
}

/** Numbers in [−1, 1) that depend on `seed` alone. */
export function uniform(count: number, seed: number): Float32Array {
  let state = seed >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/**
 * The largest distance of a result from what was computed in doubles, over the largest magnitude of the
 * latter.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [distance, largest] = [0, 1e-30]
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs(actual[index]! - expected[index]!)
    if (!(difference <= distance)) distance = difference
    largest = Math.max(largest, Math.abs(expected[index]!))
  }
  return distance / largest
}
