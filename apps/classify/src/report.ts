import { mkdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { type Batch, ConfusionMatrix, type History, validate } from '@badak/training'
import { formatDuration } from '@badak/training/terminal'
import { runReport } from '@badak/viz'
import { Answers } from 'command-line/answers'
import { mistakes } from 'command-line/mistakes'
import { grouped, percent } from 'command-line/numbers'
import writeFileAtomic from 'write-file-atomic'
import type { Run } from './run.ts'
import { argumentsOf, type StartOptions } from './train-options.ts'

/** Writes `report.html`, a page that needs no other file and no network. */
export async function writeReport(
  run: Run,
  history: History,
  start: StartOptions,
): Promise<{ readonly report: string; readonly accuracy: number }> {
  const { config, directory, source, classifier, testLoader } = run
  const { classes, input, test } = source
  const metrics = { confusion: new ConfusionMatrix(classes.length), answers: new Answers() }
  const labels: number[] = []
  // The weights may be those of the best epoch: what holds is measured, not remembered.
  await validate(classifier.network, testLoader, {
    metrics,
    forward: (_, { x, t }: Batch) => ({ output: classifier.forward(x), target: t }),
  })
  for await (const { t } of testLoader) labels.push(...(await t.data()))
  const answers = metrics.answers.value
  const right = answers.filter(({ digit }, i) => digit === labels[i]).length
  const accuracy = right / labels.length
  const page = runReport({
    title: source.title,
    name: config.model,
    subtitle: describe(run, start),
    facts: factsOf(run, history, { right, accuracy }),
    history,
    validation: 'test',
    percent: ['accuracy'],
    confusion: metrics.confusion.value,
    classes,
    sections: [
      await mistakes(answers, {
        labels,
        images: async (indices) => (await test.gatherBatch(Int32Array.from(indices))).x,
        range: [0, 1],
        classes,
        width: 96,
      }),
    ],
    summary: classifier.network.summary([1, input.channels, input.height, input.width]),
    command: `npm run classify -- train ${argumentsOf(config).join(' ')}`,
  })
  mkdirSync(directory, { recursive: true })
  const report = join(directory, 'report.html')
  await writeFileAtomic(report, page)
  return { report, accuracy }
}

function describe({ config, directory }: Run, { backend, threads }: StartOptions): string {
  const parts = [
    basename(directory),
    `${config.optimizer}, ${config.schedule} up to ${config.lr}, weight decay ${config.weightDecay}, ` +
      `batches of ${config.batchSize}, ${config.augment ? 'augmented' : 'not augmented'}, seed ${config.seed}`,
    `${backend}, ${threads} thread${threads === 1 ? '' : 's'}`,
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node.js ${process.versions.node}`,
  ]
  return parts.join(' · ')
}

function factsOf(
  { classifier, source }: Run,
  { epochs, seconds }: History,
  { right, accuracy }: { readonly right: number; readonly accuracy: number },
): [value: string, what: string][] {
  const parameters = classifier.network.parameters().reduce((sum, { size }) => sum + size, 0)
  return [
    [percent(accuracy), 'of the test images recognised'],
    [grouped(source.test.length - right), `mistakes in ${grouped(source.test.length)}`],
    [formatDuration(seconds), `of training, ${epochs.length} epochs`],
    [grouped((source.train.length * epochs.length) / seconds), 'images a second'],
    [grouped(parameters), 'parameters'],
  ]
}
