// Memory of ten thousand training steps of a small CNN, written as a user would write them: nothing is disposed.
// Prints the curve; ends with exit code 1 if memory still grows after the warm-up.
// Run: npm run bench -- memory [steps]
import { Conv2d, MaxPool2d } from '@badak/cnn'
import { Flatten, Linear, ReLU, Sequential, softmaxCrossEntropy } from '@badak/layers'
import { Adam } from '@badak/optimizers'
import { memory, randomNormal, seed, tensor } from '@badak/tensor'

const steps = Number(process.argv[2] ?? 10_000)
if (!Number.isInteger(steps) || steps < 100) throw new RangeError(`memory: steps must be an integer of at least 100: ${process.argv[2]}`)
const batch = 32
const mebibyte = 2 ** 20

seed(1)
const model = new Sequential(
  new Conv2d(1, 8, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(8 * 7 * 7, 10),
)
const optimizer = new Adam(model.parameters(), { lr: 1e-3 })
const labels = Int32Array.from({ length: batch }, (_, k) => k % 10)

interface Sample {
  readonly step: number
  readonly resident: number
  readonly heap: number
  readonly used: number
  readonly reserved: number
}

const curve: Sample[] = []
console.log('    step   resident MiB   JS heap MiB   device used MiB   device held MiB   loss')
for (let step = 1; step <= steps; step++) {
  const x = step % 2 ? randomNormal([batch, 1, 14, 14]) : tensor(Float32Array.from({ length: batch * 196 }, Math.random), { shape: [batch, 1, 14, 14] })
  const loss = softmaxCrossEntropy(model.forward(x), tensor(labels))
  loss.backward()
  optimizer.step()
  const value = await loss.item()
  if (step % (steps / 20) >= 1) continue
  const { rss, heapUsed } = process.memoryUsage()
  const { used, reserved } = memory()
  const sample = { step, resident: rss / mebibyte, heap: heapUsed / mebibyte, used: used / mebibyte, reserved: reserved / mebibyte }
  curve.push(sample)
  const columns = [sample.resident, sample.heap, sample.used, sample.reserved].map((each, k) => each.toFixed(1).padStart([14, 13, 17, 17][k]!))
  console.log(`${String(step).padStart(8)} ${columns.join(' ')}   ${value.toFixed(3)}`)
}

// The second half against the second quarter: what is left of growth once everything has been compiled and collected.
const mean = (samples: readonly Sample[], of: (sample: Sample) => number): number => samples.reduce((sum, each) => sum + of(each), 0) / samples.length
const early = curve.slice(curve.length / 4, curve.length / 2)
const late = curve.slice(curve.length / 2)
const grown = mean(late, ({ resident }) => resident) - mean(early, ({ resident }) => resident)
console.log(`resident memory, second half against second quarter: ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MiB`)
process.exitCode = grown > 8 ? 1 : 0
