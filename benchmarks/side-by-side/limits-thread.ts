// One thread of `measureLimits`: answers with GFLOP/s of multiply-adds in registers, or GB/s of a copy.
import { parentPort } from 'node:worker_threads'
import {
  type Code,
  detectFeatures,
  forRange,
  increase,
  local,
  MAXIMUM_PAGES,
  ModuleBuilder,
  multiplyAdd,
  v128,
} from '../../packages/tensor/src/backends/wasm/assembler/index.ts'

const HEIGHT = 6
const DEPTH = 256
const UNROLL = 4
/** Farther than any cache reaches. */
const COPIED = 2 ** 27

/** `(left panel, right panel, products)`: tiles of 6 × 8 sums along panels that stay in the nearest cache. */
function tileModule(): Uint8Array<ArrayBuffer> {
  const { relaxedSimd } = detectFeatures()
  const module = new ModuleBuilder({ sharedMemory: false, relaxedSimd })
  module.func({ name: 'tile', params: ['i32', 'i32', 'i32'] }, (locals, left, right, products) => {
    const [a, b, k, n] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()]
    const sums = locals.many('v128', 2 * HEIGHT)
    const [splat, columns] = [locals.v128(), [locals.v128(), locals.v128()]]
    const step = (u: number): Code => [
      columns.map((column, half) => local.set(column, v128.load(b, 32 * u + 16 * half))),
      sums.map((sum, position) => [
        position % 2 === 0 ? local.set(splat, v128.load32_splat(a, 4 * (HEIGHT * u + position / 2))) : [],
        local.set(sum, multiplyAdd(module.target, splat, columns[position % 2]!, sum)),
      ]),
    ]
    const steps = Array.from({ length: UNROLL }, (_, u) => step(u))
    return forRange(n, 0, products, 1, [
      local.set(a, left),
      local.set(b, right),
      forRange(k, 0, DEPTH, UNROLL, [steps, increase(a, 4 * HEIGHT * UNROLL), increase(b, 32 * UNROLL)]),
      sums.map((sum, position) => v128.store(left, sum, 65_536 + 16 * position)),
    ])
  })
  return module.bytes()
}

function multiplier(): () => number {
  const memory = new WebAssembly.Memory({ initial: 3, maximum: MAXIMUM_PAGES })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(tileModule()), { env: { memory } })
  const tile = exports['tile'] as (left: number, right: number, products: number) => void
  const products = 1000
  return () => {
    tile(0, 4 * HEIGHT * DEPTH, products)
    return 2 * HEIGHT * 8 * DEPTH * products
  }
}

function copier(): () => number {
  const [from, to] = [new Uint8Array(COPIED).fill(1), new Uint8Array(COPIED).fill(2)]
  return () => {
    to.set(from)
    return 2 * COPIED
  }
}

const work: Record<string, (() => number) | undefined> = {}

parentPort!.on('message', ({ what, duration }: { what: 'multiply' | 'copy'; duration: number }) => {
  const once = (work[what] ??= what === 'multiply' ? multiplier() : copier())
  const start = performance.now()
  let done = 0
  do done += once()
  while (performance.now() - start < duration)
  parentPort!.postMessage(done / (performance.now() - start) / 1e6)
})
