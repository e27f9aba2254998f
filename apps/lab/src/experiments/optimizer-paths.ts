import { AdaGrad, Adam, type Optimizer, SGD } from '@badak/optimizers'
import { Parameter, tensor } from '@badak/tensor'
import { contourPaths, type Paths } from '@badak/viz'
import type { Experiment } from '../experiment.ts'

const optimizers: Readonly<Record<string, (p: Parameter) => Optimizer>> = {
  SGD: (p) => new SGD([p], { lr: 0.95 }),
  Momentum: (p) => new SGD([p], { lr: 0.1, momentum: 0.9 }),
  AdaGrad: (p) => new AdaGrad([p], { lr: 1.5 }),
  Adam: (p) => new Adam([p], { lr: 0.3 }),
}

/** Where an optimizer goes from (−7, 2) in 30 steps. */
async function pathOf(create: (p: Parameter) => Optimizer): Promise<[number, number][]> {
  const position = new Parameter(tensor([-7, 2]))
  const optimizer = create(position)
  const path: [number, number][] = [[-7, 2]]
  for (let step = 0; step < 30; step++) {
    const [x, y] = [position.slice([0]), position.slice([1])]
    x.square().div(20).add(y.square()).backward()
    await optimizer.step()
    path.push((await position.array()) as [number, number])
  }
  return path
}

/** The valley f(x, y) = x²/20 + y², twenty times steeper across than along. */
export const optimizerPaths: Experiment = {
  name: 'optimizer-paths',
  question: 'How do optimizers go down a narrow valley?',
  async run() {
    const entries = await Promise.all(
      Object.entries(optimizers).map(async ([name, create]) => [name, await pathOf(create)] as const),
    )
    const paths: Paths = Object.fromEntries(entries)
    const crossings = Object.fromEntries(
      entries.map(([name, path]) => [
        name,
        path.filter(([, y], i) => i > 0 && y * path[i - 1]![1] < 0).length,
      ]),
    )
    const others = Math.max(crossings['Momentum']!, crossings['AdaGrad']!, crossings['Adam']!)
    return {
      statement:
        `SGD crosses the valley ${crossings['SGD']} times in 30 steps, Momentum ${crossings['Momentum']}, ` +
        `AdaGrad ${crossings['AdaGrad']} and Adam ${crossings['Adam']} times.`,
      holds: crossings['SGD']! >= 3 * others,
      charts: [contourPaths((x, y) => x ** 2 / 20 + y ** 2, paths, { x: [-10, 10], y: [-5, 5], thresholds })],
    }
  },
}

const thresholds = [0.25, 1, 2, 4, 7, 11, 16, 22, 29]
