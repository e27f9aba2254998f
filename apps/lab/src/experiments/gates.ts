import { concat, greater, matmul, type Tensor, tensor } from '@badak/tensor'
import { imageGrid } from '@badak/viz'
import type { Experiment } from '../experiment.ts'

/** Both inputs, in their four combinations. */
const inputs = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
])

/** A perceptron: 1 where w·x + b > 0. */
function gate(x: Tensor, weights: readonly [number, number], bias: number): Tensor {
  return greater(matmul(x, tensor(weights)).add(bias), 0).cast('float32')
}

const and = (x: Tensor): Tensor => gate(x, [0.5, 0.5], -0.7)
const nand = (x: Tensor): Tensor => gate(x, [-0.5, -0.5], 0.7)
const or = (x: Tensor): Tensor => gate(x, [0.5, 0.5], -0.2)

/** Two layers: a line cannot part XOR's answers, two lines can. */
function xor(x: Tensor): Tensor {
  const hidden = matmul(nand(x).unsqueeze(1), tensor([[1, 0]])).add(
    matmul(or(x).unsqueeze(1), tensor([[0, 1]])),
  )
  return and(hidden)
}

/** How many of XOR's four answers the best perceptron gives, of all whose weights and bias are on a grid. */
async function bestSinglePerceptron(): Promise<{ readonly right: number; readonly tried: number }> {
  const grid = Array.from({ length: 41 }, (_, i) => (i - 20) / 10)
  const candidates = grid.flatMap((w1) => grid.flatMap((w2) => grid.map((b) => [w1, w2, b])))
  const homogeneous = tensor([
    [0, 0, 1],
    [0, 1, 1],
    [1, 0, 1],
    [1, 1, 1],
  ])
  const answers = greater(matmul(tensor(candidates), homogeneous.transpose()), 0)
  const right = answers
    .equal(tensor([false, true, true, false]))
    .cast('int32')
    .sum({ axis: 1 })
  return { right: await right.max().item(), tried: candidates.length }
}

/** What a gate answers over the unit square and a little around it. */
async function picture(f: (x: Tensor) => Tensor): Promise<Tensor> {
  const points = Array.from({ length: 40 * 40 }, (_, i) => [
    (i % 40) / 20 - 0.5,
    1.5 - Math.floor(i / 40) / 20,
  ])
  return f(tensor(points)).reshape([1, 40, 40])
}

/** Perceptrons as gates, and the one that they cannot be. */
export const gates: Experiment = {
  name: 'gates',
  question: 'Which logic gates is a perceptron?',
  async run() {
    const tables = { AND: and, NAND: nand, OR: or, XOR: xor }
    const truth = { AND: '0001', NAND: '1110', OR: '0111', XOR: '0110' }
    const answers = Object.fromEntries(
      await Promise.all(
        Object.entries(tables).map(async ([name, f]) => [name, (await f(inputs).data()).join('')]),
      ),
    ) as Record<string, string>
    const { right, tried } = await bestSinglePerceptron()
    const images = await Promise.all(Object.values(tables).map(picture))
    return {
      statement:
        `One perceptron is AND, NAND or OR. None of ${tried.toLocaleString('en-US')} is XOR: the best gives ${right} ` +
        'of its 4 answers. Two layers give all 4.',
      holds: JSON.stringify(answers) === JSON.stringify(truth) && right === 3,
      charts: [
        await imageGrid(concat(images), {
          title: 'Where the answer is 1 (white): x₁ from −0.5 to 1.5 to the right, x₂ upwards',
          columns: 4,
          scale: 4,
          labels: Object.keys(tables),
          range: [-0.3, 1],
        }),
      ],
    }
  },
}
