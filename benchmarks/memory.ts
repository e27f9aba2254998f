// Memory of ten thousand training steps of a small CNN, written as a user would write them: nothing is
// disposed. Prints the curve; ends with exit code 1 if memory still grows after the warm-up. Run: npm run
// bench -- memory [steps]
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Conv2d, MaxPool2d } from '@badak/cnn'
import { Flatten, Linear, ReLU, Sequential, softmaxCrossEntropy } from '@badak/layers'
import { Adam } from '@badak/optimizers'
import { memory, randomNormal, seed, tensor } from '@badak/tensor'

const steps = Number(process.argv[2] ?? 10_000)
if (!Number.isInteger(steps) || steps < 100)
  throw new RangeError(`memory: steps must be an integer of at least 100: ${process.argv[2]}`)
const batch = 32
const mebibyte = 2 ** 20

seed(1)
const model = new Sequential(
  new Conv2d(1, 8, 3, { padding: 1 }),
  new ReLU(),
  new MaxPool2d(2),
  new Flatten(),
  new Linear(8 * 7 * 7, 10),
)
const optimizer = new Adam(model.parameters(), { lr: 1e-3 })
const labels = Int32Array.from({ length: batch }, (_, k) => k % 10)

// What the collector has not come to yet is no leak: it is asked to, before memory is looked at.
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

interface Sample {
  readonly step: number
  readonly resident: number
  readonly heap: number
  readonly used: number
  readonly reserved: number
}

function sampleAt(step: number): Sample {
  collect()
  const { rss, heapUsed } = process.memoryUsage()
  const { used, reserved } = memory()
  return {
    step,
    resident: rss / mebibyte,
    heap: heapUsed / mebibyte,
    used: used / mebibyte,
    reserved: reserved / mebibyte,
  }
}

const curve: Sample[] = []
console.log('    step   resident MiB   JS heap MiB   device used MiB   device held MiB   loss')
for (let step = 1; step <= steps; step++) {
  const shape = [batch, 1, 14, 14]
  const pixels = Float32Array.from({ length: batch * 14 * 14 }, Math.random)
  const x = step % 2 ? randomNormal(shape) : tensor(pixels, { shape })
  const loss = softmaxCrossEntropy(model.forward(x), tensor(labels))
  loss.backward()
  void optimizer.step()
  const value = await loss.item()
  if (step % (steps / 20) >= 1) continue
  const sample = sampleAt(step)
  curve.push(sample)
  const { resident, heap, used, reserved } = sample
  const columns = [resident, heap, used, reserved].map((each, k) =>
    each.toFixed(2).padStart([14, 13, 17, 17][k]!),
  )
  console.log(`${String(step).padStart(8)} ${columns.join(' ')}   ${value.toFixed(3)}`)
}

/** The second half against the second quarter: what is left of growth once everything has been compiled. */
function growth(of: (sample: Sample) => number): number {
  const mean = (samples: readonly Sample[]): number =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length
  return mean(curve.slice(curve.length / 2)) - mean(curve.slice(curve.length / 4, curve.length / 2))
}

const grown = {
  resident: growth(({ resident }) => resident),
  heap: growth(({ heap }) => heap),
  device: growth(({ used }) => used),
}
const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(2)} MiB`
console.log('\nsecond half against second quarter:')
for (const [name, value] of Object.entries(grown)) console.log(`  ${name.padEnd(9)} ${signed(value)}`)
// V8 enlarges its nursery (two halves of 16 MiB) some time in a long run: a step of the resident size, not a
// slope.
process.exitCode = grown.resident > 40 || grown.heap > 0.5 || grown.device > 0.1 ? 1 : 0
