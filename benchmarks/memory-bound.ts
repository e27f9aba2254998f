// GB/s of operations that move more than they compute, beside a plain copy: maps, reductions, windows, movement.
// Run: npm run bench -- memory-bound [threads] [part of a name] [strict]
import {
  avgPool2d,
  backendInfo,
  compile,
  concat,
  configure,
  cumsum,
  erf,
  evaluate,
  expand,
  grad,
  maxPool2d,
  pad,
  randomNormal,
  randomUniform,
  seed,
  shutdown,
  take,
  sin,
  tensor,
  type Tensor,
  where,
} from '@badak/tensor'
import { measureLimits } from './side-by-side/limits.ts'
import { median } from './side-by-side/timing.ts'
import { numbers, product } from './side-by-side/work.ts'

const threads = Number(process.argv[2] ?? 2)
const wanted = process.argv[3] ?? ''
configure({ threads, relaxedSimd: process.argv[4] !== 'strict' })

const MILLION = 2 ** 20
const limits = await measureLimits(threads, true)
const { relaxedSimd } = backendInfo()
console.log(
  `${threads} thread${threads > 1 ? 's' : ''}, relaxed SIMD ${relaxedSimd ? 'on' : 'off'}, ` +
    `a copy moves ${limits.gigabytes.toFixed(1)} GB/s\n`,
)
console.log(`${''.padEnd(52)}        ms   median     GB/s  of copy`)

/** Times `f` of tensors of random numbers; `bytes` are those that must be read and written. */
async function measure(
  name: string,
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  megabytes: number,
): Promise<void> {
  if (!name.includes(wanted)) return
  const run = compile(f)
  const once = async (): Promise<number> => {
    const start = performance.now()
    const result = run(...inputs)
    await evaluate(result)
    const took = performance.now() - start
    result.dispose()
    return took
  }
  const warm = performance.now() + 100
  do await once()
  while (performance.now() < warm)
  const times: number[] = []
  const end = performance.now() + 200
  while (performance.now() < end || times.length < 10) times.push(await once())
  const best = Math.min(...times)
  const rate = megabytes / best
  console.log(
    `${name.padEnd(52)} ${best.toFixed(3).padStart(9)} ${median(times).toFixed(3).padStart(8)} ` +
      `${rate.toFixed(1).padStart(8)} ${((100 * rate) / limits.gigabytes).toFixed(0).padStart(6)} %`,
  )
}

const filled = (...shape: number[]): Tensor => tensor(numbers(product(shape), 2), { shape })
/** Millions of bytes of so many float32. */
const mega = (...counts: number[]): number => (4 * counts.reduce((a, b) => a + b, 0)) / 1e6

async function maps(): Promise<void> {
  const n = 4 * MILLION
  const [x, y] = [filled(n), filled(n)]
  const chain = (x: Tensor, y: Tensor): Tensor => x.mul(y).add(x).sigmoid().mul(y).sub(x)
  await measure('map neg', (x) => x.neg(), [x], mega(2 * n))
  await measure('map add', (x, y) => x.add(y), [x, y], mega(3 * n))
  await measure('map relu', (x) => x.relu(), [x], mega(2 * n))
  await measure('map sigmoid(x·y + x)·y − x', (x, y) => chain(x, y), [x, y], mega(3 * n))
  await measure('map sin', (x) => sin(x), [x], mega(2 * n))
  await measure('map erf', (x) => erf(x), [x], mega(2 * n))
  for (const name of ['exp', 'log', 'sigmoid', 'tanh', 'sqrt'] as const) {
    await measure(
      `map ${name}`,
      (x) => (name === 'log' || name === 'sqrt' ? x.abs() : x)[name](),
      [x],
      mega(2 * n),
    )
  }
  await measure('map exp, in a cache (64 K)', (x) => x.exp(), [filled(65_536)], mega(2 * 65_536))
  await measure('map compare and where', (x, y) => where(x.less(y), x, y.mul(2)), [x, y], mega(3 * n))
  await measure('map to int32', (x) => x.cast('int32'), [x], mega(2 * n))
  await measure('map to uint8', (x) => x.cast('uint8'), [x], mega(1.25 * n))
  await measure('map from uint8', (x) => x.cast('float32'), [x.cast('uint8')], mega(1.25 * n))
  await measure('map to float16', (x) => x.cast('float16'), [x], mega(1.5 * n))
  await measure('map from float16', (x) => x.cast('float32'), [x.cast('float16')], mega(1.5 * n))
  const matrix = filled(4096, 1024)
  await measure('map + row', (x, y) => x.add(y), [matrix, filled(1024)], mega(2 * n))
  await measure('map + column', (x, y) => x.add(y), [matrix, filled(4096, 1)], mega(2 * n))
  await measure(
    'map + channel, 7×7 planes',
    (x, y) => x.add(y),
    [filled(128, 512, 7, 7), filled(512, 1, 1)],
    mega(2 * 128 * 512 * 49),
  )
  await measure('map expand column', (x) => expand(x, [4096, 1024]), [filled(4096, 1)], mega(n))
}

async function reductions(): Promise<void> {
  const n = 4 * MILLION
  const x = filled(n)
  for (const name of ['sum', 'max', 'mean'] as const)
    await measure(`reduce ${name} of all`, (x) => x[name](), [x], mega(n))
  await measure('reduce sum of squares', (x) => x.square().sum(), [x], mega(n))
  const sum = (axis: number | number[], ...shape: number[]): Promise<void> =>
    measure(
      `reduce sum of ${shape.join('×')} over ${String(axis)}`,
      (x) => x.sum({ axis }),
      [filled(...shape)],
      mega(product(shape)),
    )
  await sum(1, 4096, 1024)
  await sum(0, 4096, 1024)
  await sum(1, 4, 1024 * 1024)
  await sum(1, 400_000, 10)
  await sum(0, 400_000, 10)
  await sum(0, 100, 50)
  await sum(1, 64, 1024, 64)
  await sum([0, 2, 3], 32, 64, 56, 56)
  await sum([0, 2, 3], 100, 30, 24, 24)
  await sum([0, 2, 3], 128, 512, 7, 7)
  await sum([2, 3], 128, 512, 7, 7)
  await measure(
    'reduce max of 4096×1000 over 1',
    (x) => x.max({ axis: 1 }),
    [filled(4096, 1000)],
    mega(4096e3),
  )
  await measure(
    'reduce argmax of 4096×1000 over 1',
    (x) => x.argmax({ axis: 1 }),
    [filled(4096, 1000)],
    mega(4096e3),
  )
  await measure(
    'reduce argmax of 400000×10 over 1',
    (x) => x.argmax({ axis: 1 }),
    [filled(400_000, 10)],
    mega(4e6),
  )
  await measure('reduce argmax of all', (x) => x.argmax(), [x], mega(n))
  await measure('softmax 4096×1000', (x) => x.softmax(), [filled(4096, 1000)], mega(2 * 4096e3))
  await measure('cumsum 4096×1024 along 1', (x) => cumsum(x, { axis: 1 }), [filled(4096, 1024)], mega(2 * n))
  await measure('cumsum 4096×1024 along 0', (x) => cumsum(x, { axis: 0 }), [filled(4096, 1024)], mega(2 * n))
}

async function windows(): Promise<void> {
  const pools = {
    'max 2×2': (x: Tensor) => maxPool2d(x, { kernel: 2 }),
    'max 3×3 stride 2 padding 1': (x: Tensor) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 }),
    'average 2×2': (x: Tensor) => avgPool2d(x, { kernel: 2 }),
    'average 3×3 stride 1 padding 1': (x: Tensor) => avgPool2d(x, { kernel: 3, stride: 1, padding: 1 }),
    'global average': (x: Tensor) => x.mean({ axis: [2, 3] }),
  }
  for (const shape of [
    [100, 30, 24, 24],
    [100, 64, 8, 8],
    [32, 64, 56, 56],
  ]) {
    for (const [name, pool] of Object.entries(pools)) {
      const x = filled(...shape)
      const out = pool(x).shape
      const g = filled(...out)
      const [input, output] = [product(shape), product(out)]
      const label = `${name}, ${shape.join('×')}`
      await measure(`pool ${label}`, (x) => pool(x), [x], mega(input, output))
      const gradient = grad((x: Tensor, g: Tensor) => pool(x).mul(g).sum())
      await measure(`pool gradient ${label}`, (x, g) => gradient(x, g), [x, g], mega(input, input, output))
    }
  }
}

async function permutations(): Promise<void> {
  const n = 4 * MILLION
  await measure('move transpose 2048×2048', (x) => x.transpose(), [filled(2048, 2048)], mega(2 * n))
  await measure('move transpose 1000×3000', (x) => x.transpose(), [filled(1000, 3000)], mega(6e6))
  const images = 32 * 64 * 56 * 56
  await measure(
    'move N·C·H·W → N·H·W·C',
    (x) => x.permute([0, 2, 3, 1]),
    [filled(32, 64, 56, 56)],
    mega(2 * images),
  )
  await measure(
    'move N·H·W·C → N·C·H·W',
    (x) => x.permute([0, 3, 1, 2]),
    [filled(32, 56, 56, 64)],
    mega(2 * images),
  )
  await measure(
    'move N·H·W·3 → N·3·H·W',
    (x) => x.permute([0, 3, 1, 2]),
    [filled(32, 224, 224, 3)],
    mega(2 * 32 * 224 * 224 * 3),
  )
  await measure(
    'move heads: [B, T, H, D] → [B, H, T, D]',
    (x) => x.permute([0, 2, 1, 3]),
    [filled(16, 256, 16, 64)],
    mega(2 * n),
  )
}

async function copies(): Promise<void> {
  const n = 4 * MILLION
  const images = 32 * 64 * 56 * 56
  await measure(
    'move concat of two, last axis',
    (x, y) => concat([x, y], { axis: 1 }),
    [filled(4096, 512), filled(4096, 512)],
    mega(2 * n),
  )
  await measure(
    'move concat of two, first axis',
    (x, y) => concat([x, y], { axis: 0 }),
    [filled(2048, 1024), filled(2048, 1024)],
    mega(2 * n),
  )
  await measure(
    'move pad 1 pixel of 32×64×56×56',
    (x) =>
      pad(x, [
        [0, 0],
        [0, 0],
        [1, 1],
        [1, 1],
      ]),
    [filled(32, 64, 56, 56)],
    mega(images, 32 * 64 * 58 * 58),
  )
  await measure(
    'move every second column',
    (x) => x.slice([null, [null, null, 2]]),
    [filled(4096, 2048)],
    mega(12 * MILLION),
  )
  const rows = tensor(Int32Array.from(numbers(8192, 1), (v) => Math.floor((v + 1) * 15_000)))
  await measure(
    'move 8192 rows of 512 from 30000',
    (table, rows) => take(table, rows, { axis: 0 }),
    [filled(30_000, 512), rows],
    mega(2 * 8192 * 512),
  )
}

async function randomNumbers(): Promise<void> {
  const n = 4 * MILLION
  await measure('random uniform', () => randomUniform([n]), [], mega(n))
  await measure('random normal', () => randomNormal([n]), [], mega(n))
}

seed(1)
await maps()
await reductions()
await windows()
await permutations()
await copies()
await randomNumbers()
shutdown()
