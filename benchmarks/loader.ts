// Images a second from JPEG files to batches, with 0, 1 and 2 workers, beside torchvision's; and which part
// of its time training loads data and waits for it. Run: npm run bench -- loader [rounds] [part of a name]
import { configure, shutdown } from '@badak/tensor'
import { makePhotos } from './loader/photos.ts'
import { imageRates, stageTimes } from './loader/throughput.ts'
import { measureLimits } from './side-by-side/limits.ts'
import { torchvisionRates } from './loader/torchvision.ts'
import { trainOnDigits } from './loader/training.ts'

const rounds = Number(process.argv[2] ?? 5)
if (!Number.isInteger(rounds) || rounds < 1)
  throw new RangeError(`loader: rounds must be a count: ${process.argv[2]}`)
const wanted = process.argv[3] ?? ''
configure({ threads: 1 })

async function stages(): Promise<void> {
  console.log('one image in one thread, ms')
  for (const [name, time] of await stageTimes())
    console.log(`  ${name.padEnd(40)} ${time.toFixed(2).padStart(6)}`)
}

async function files(): Promise<void> {
  await using photos = await makePhotos(384)
  const { directory, bytes } = photos
  console.log(`\n${photos.files} JPEGs of 500×375, ${(bytes / 1000).toFixed(0)} kB each: images/s`)
  console.log(
    `${''.padEnd(45)} ${['0 workers', '1 worker', '2 workers', '2 : 1'].map((t) => t.padStart(10)).join('')}`,
  )
  for (const jitter of [false, true]) {
    const name = `crop, flip${jitter ? ', jitter' : ''}, stack`
    row(`badak: ${name}`, await imageRates({ directory, jitter }, rounds))
    row(`torchvision: ${name}`, torchvisionRates({ directory, jitter }, rounds))
    await scaling()
  }
}

/** What else the machine does takes from two threads more than from one: then no loader can be twice as fast. */
async function scaling(): Promise<void> {
  const [one, two] = [await measureLimits(1, true), await measureLimits(2, true)]
  const times = (two.gigaflops / one.gigaflops).toFixed(2)
  console.log(`  ${'plain multiplications: two threads to one'.padEnd(73)} ${times.padStart(10)}`)
}

function row(name: string, rates: ReadonlyMap<number, number> | string): void {
  if (typeof rates === 'string') {
    console.log(`  ${name.padEnd(43)} ${rates}`)
    return
  }
  const [none, one, two] = [0, 1, 2].map((workers) => rates.get(workers)!) as [number, number, number]
  const columns = [...[none, one, two].map((rate) => rate.toFixed(0)), (two / one).toFixed(2)]
  console.log(`  ${name.padEnd(43)} ${columns.map((text) => text.padStart(10)).join('')}`)
}

async function training(): Promise<void> {
  console.log('\nSimpleConvNet, batches of 100 warped digits, one thread     ms a step   loading   waiting')
  for (const elastic of [false, true]) {
    for (const workers of [0, 1]) {
      const { step, loading, idle } = await trainOnDigits(workers, elastic)
      const name = `affine${elastic ? ' and elastic' : ''}, ${workers} worker${workers === 1 ? '' : 's'}`
      const shares = [loading, idle].map((share) => `${(100 * share).toFixed(2)} %`.padStart(10))
      console.log(`  ${name.padEnd(57)} ${step.toFixed(2).padStart(9)}${shares.join('')}`)
    }
  }
}

for (const [name, measure] of Object.entries({ stages, files, training }))
  if (name.includes(wanted)) await measure()
shutdown()
