import { mkdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { type Tensor, tensor } from '@badak/tensor'
import { ConfusionMatrix, type History, validate } from '@badak/training'
import { formatDuration } from '@badak/training/terminal'
import { imageCards, imageURIs, robustMagnitude, runReport, type Section } from '@badak/viz'
import writeFileAtomic from 'write-file-atomic'
import { Answers } from 'command-line/answers'
import type { Data } from './data.ts'
import { type FirstLayer, firstWeight } from './first-layer.ts'
import { mistakes, type Questions } from 'command-line/mistakes'
import { grouped, percent } from 'command-line/numbers'
import { argumentsOf, type StartOptions } from './options.ts'
import type { Run } from './run.ts'

/** Writes `report.html`, a page that needs no other file and no network. Returns its path. */
export async function writeReport(
  run: Run,
  history: History,
  firstLayer: FirstLayer,
  start: StartOptions,
): Promise<string> {
  const { config, directory, data, model, testLoader } = run
  const metrics = { confusion: new ConfusionMatrix(10), answers: new Answers() }
  await validate(model, testLoader, { metrics })
  const page = runReport({
    title: 'MNIST',
    name: config.model,
    subtitle: describe(run, start),
    facts: factsOf(run, history),
    history,
    validation: 'test',
    percent: ['accuracy'],
    confusion: metrics.confusion.value,
    sections: [
      await filters(firstLayer.before, firstWeight(model)),
      await mistakes(metrics.answers.value, questionsOf(data)),
    ],
    summary: model.summary([1, 1, 28, 28]),
    command: `npm start -- ${argumentsOf(config).join(' ')} --epochs ${history.epochs.length}`,
  })
  mkdirSync(directory, { recursive: true })
  const path = join(directory, 'report.html')
  await writeFileAtomic(path, page)
  return path
}

function describe({ config, directory }: Run, { backend, threads }: StartOptions): string {
  const parts = [
    basename(directory),
    `${config.optimizer}, learning rate ${config.lr} × ${config.decay} an epoch, ` +
      `batches of ${config.batchSize}, seed ${config.seed}`,
    `${backend}, ${threads} thread${threads === 1 ? '' : 's'}`,
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node.js ${process.versions.node}`,
  ]
  return parts.join(' · ')
}

function factsOf({ model, data }: Run, { epochs, seconds }: History): [value: string, what: string][] {
  const accuracy = epochs.at(-1)!['val_accuracy']!
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0)
  const wrong = Math.round((1 - accuracy) * data.test.length)
  return [
    [percent(accuracy), 'of the test images recognised'],
    [grouped(wrong), `mistakes in ${grouped(data.test.length)}`],
    [formatDuration(seconds), `of training, ${epochs.length} epochs`],
    [grouped((data.train.length * epochs.length) / seconds), 'images a second'],
    [grouped(parameters), 'parameters'],
  ]
}

/**
 * What each unit looks for.
 *
 * @param before, after `[units, 1, H, W]`, or `[units, 784]`, which is seen as 28 × 28
 */
export async function filters(before: Tensor, after: Tensor): Promise<Section> {
  // One scale for both, so that they can be compared.
  const range = { symmetric: await robustMagnitude(after) }
  const cards = async (title: string, weight: Tensor): Promise<string> => {
    const images = weight.rank === 2 ? weight.reshape([-1, 28, 28]) : weight
    const uris = await imageURIs(images, { range })
    return imageCards(
      uris.map((uri) => ({ uri })),
      { title, width: 52 },
    )
  }
  return {
    title: 'First layer',
    text:
      'What each unit of the first layer looks for, before and after training: ' +
      'red where it wants ink, blue where it wants none.',
    content: [await cards('before', before), await cards('after', after)],
  }
}

/** The test images, as dark ink on paper. */
export function questionsOf({ testLabels, testPixels }: Pick<Data, 'testLabels' | 'testPixels'>): Questions {
  const images = (indices: readonly number[]): Tensor => {
    const pixels = indices.flatMap((i) => [...testPixels.subarray(784 * i, 784 * (i + 1))])
    return tensor(Float32Array.from(pixels)).reshape([-1, 28, 28])
  }
  return { labels: testLabels, images, range: [255, 0] }
}
