import {
  activationMaximisation,
  Conv2d,
  describeFilters,
  featureMaps,
  type FilterDescription,
  filters,
  gradCam,
  integratedGradients,
  MaxPool2d,
  occlusion,
  saliency,
} from '@badak/cnn'
import type { Dataset } from '@badak/datasets'
import { heNormal as init, type Initializer } from '@badak/initializers'
import { Flatten, Linear, ReLU, Sequential } from '@badak/layers'
import { Adam } from '@badak/optimizers'
import {
  arange,
  argmax,
  concat,
  equal,
  evaluate,
  Generator,
  noGrad,
  randomUniform,
  seed as setSeed,
  type Tensor,
} from '@badak/tensor'
import type { Batch } from '@badak/training'
import { type Chart, heatmapOverlay, imageGrid, robustMagnitude } from '@badak/viz'
import { first } from '../digits.ts'
import type { Experiment } from '../experiment.ts'
import { accuracyOf, learn, percent } from '../learn.ts'

/** So small that what is learned is not hidden by what was there at random. */
const small: Initializer = (shape, options) => init(shape, options).mul(0.1)

function network(): Sequential {
  return new Sequential({
    conv1: new Conv2d(1, 16, 7, { padding: 3, init: small }),
    relu1: new ReLU(),
    pool1: new MaxPool2d(2),
    conv2: new Conv2d(16, 32, 3, { padding: 1, init }),
    relu2: new ReLU(),
    pool2: new MaxPool2d(2),
    flatten: new Flatten(),
    output: new Linear(32 * 7 * 7, 10, { init }),
  })
}

/** What becomes of the filters, and what the decisions of a trained network rest on. */
export const seeingInside: Experiment = {
  name: 'seeing-inside',
  question: 'What has a network that reads digits learned to see?',
  async run({ digits, seed, quick }) {
    const { train, test } = await digits()
    setSeed(seed)
    const model = network()
    const before = filters(model.at('conv1'))
    await evaluate(before)
    const random = edgesOf(await describeFilters(model.at('conv1')))
    const optimizer = new Adam(model.parameters(), { lr: 2e-3 })
    const data = first(train, quick ? 5000 : 60_000)
    await learn(model, { data, optimizer, steps: quick ? 150 : 600, seed })
    model.eval()
    const accuracy = await accuracyOf(model, first(test, quick ? 2000 : 10_000))

    const shapes = await describeFilters(model.at('conv1'))
    const edges = edgesOf(shapes)
    const images = await oneOfEach(test)
    const { attributions, gap } = await integratedGradients(model, images)
    const error = Math.max(...Array.from(await gap.data(), Math.abs))
    const made = await digitsMadeFor(model, quick ? 40 : 150, new Generator(seed))
    const classes = argmax(
      noGrad(() => model.forward(made)),
      { axis: 1 },
    )
    const read = await equal(classes, arange(10)).cast('int32').sum().item()
    return {
      statement:
        `At ${percent(accuracy)}, ${edges} of 16 filters of the first layer look for edges, where at random ${random} ` +
        `did. Integrated gradients say what each pixel adds to a score, and miss ${error.toFixed(3)} of the whole. ` +
        `Of ten images that were made to excite a class each, it reads ${read} as what they were made for.`,
      holds: accuracy > (quick ? 0.92 : 0.97) && edges >= random + 5 && error < 0.2 && read >= 9,
      charts: [
        ...(await filterGrids(before, filters(model.at('conv1')), shapes)),
        ...(await mapsOf(model, images)),
        ...(await reasonsOf(model, images, attributions)),
        await imageGrid(made, { title: 'made to be 0 to 9', range: [0, 1], columns: 10 }),
      ],
    }
  },
}

function edgesOf(shapes: readonly FilterDescription[]): number {
  return shapes.filter(({ kind }) => kind === 'edge').length
}

/** The filters before and after training, with what has become of them. */
function filterGrids(before: Tensor, after: Tensor, shapes: readonly FilterDescription[]): Promise<Chart[]> {
  const options = { range: [0, 1], columns: 8 } as const
  const labels = shapes.map(({ kind, orientation }) =>
    kind === 'edge' ? `${Math.round(orientation)}°` : kind,
  )
  return Promise.all([
    imageGrid(before, { title: 'filters before', ...options }),
    imageGrid(after, { title: 'and after', ...options, labels }),
  ])
}

/** The first image of each digit. */
async function oneOfEach(data: Dataset<Batch>): Promise<Tensor> {
  const indices = Int32Array.from({ length: 200 }, (_, i) => i)
  const labels = await (await data.gatherBatch(indices)).t.data()
  const firsts = Int32Array.from({ length: 10 }, (_, digit) => labels.indexOf(digit as never))
  return (await data.gatherBatch(firsts)).x
}

/** An image for each class that excites it. */
async function digitsMadeFor(model: Sequential, steps: number, generator: Generator): Promise<Tensor> {
  const start = randomUniform([1, 1, 28, 28], { high: 0.2, generator })
  const images: Tensor[] = []
  for (let channel = 0; channel < 10; channel++) {
    const options = { channel, steps, range: [0, 1] as const, generator }
    images.push((await activationMaximisation(model, start, options)).images)
  }
  return concat(images)
}

/** What both convolutions give for the 7. */
function mapsOf(model: Sequential, images: Tensor): Promise<Chart[]> {
  const maps = featureMaps(model, images.slice([[7, 8]]))
  return Promise.all(
    Object.entries(maps).map(([title, map]) =>
      imageGrid(map.transpose(0, 1), { title, range: 'each', colors: 'viridis', columns: 8 }),
    ),
  )
}

/** What matters of the images, by several methods. */
async function reasonsOf(model: Sequential, images: Tensor, attributions: Tensor): Promise<Chart[]> {
  const maps = {
    saliency: saliency(model, images),
    'Grad-CAM': gradCam(model, images),
    occlusion: await occlusion(model, images, { window: 6, stride: 2, batchSize: 200 }),
  }
  const overlays = Object.entries(maps).map(
    async ([title, map]) =>
      await imageGrid(await heatmapOverlay(images, map), { title, columns: 10, range: [0, 1] }),
  )
  const range = { symmetric: await robustMagnitude(attributions) }
  const signs = { title: 'integrated gradients', columns: 10, range }
  return Promise.all([...overlays, imageGrid(attributions, signs)])
}
