import { DataLoader } from '@badak/datasets'
import { Accuracy, type Batch, TopKAccuracy, validate } from '@badak/training'
import { parse, UsageError } from 'command-line/arguments'
import { grouped, percent } from 'command-line/numbers'
import { openSource } from '../data/open.ts'
import { dataNames } from '../data/named.ts'
import { integer } from '../train-options.ts'
import { classifierDefinitions, classifierHelp, machineHelp, openAsked } from './classifier-options.ts'

export const evaluateHelp = `Measures a classifier on the test images of a data set.

  npm run classify -- evaluate --data <data> [options]

  --data <data>            ${dataNames.join(', ')}, or a folder
  --data-directory <dir>   where the files of a named data set are
${classifierHelp}
  --limit <n>              only the first n images
${machineHelp}`

const text = { type: 'string' } as const
const definitions = { ...classifierDefinitions, data: text, 'data-directory': text, limit: text } as const

/** `classify evaluate …`. Returns the exit code. */
export async function runEvaluate(args: readonly string[]): Promise<number> {
  const { values } = parse(args, { options: definitions })
  if (values.help) {
    console.log(evaluateHelp)
    return 0
  }
  if (values.data === undefined)
    throw new UsageError(`--data: say what to measure on: ${dataNames.join(', ')} or a folder`)
  const { classifier } = await openAsked(values)
  const { classes, input } = classifier.description
  // The images of a folder are brought to what the classifier takes.
  const fixed = dataNames.some((name) => name === values.data)
  const { test, ...source } = await openSource(values.data, {
    directory: values['data-directory'],
    limit: integer('limit', values.limit, 1),
    size: fixed ? undefined : input.height,
    grey: !fixed && input.channels === 1,
    augment: false,
    announce: (line) => console.log(line),
  })
  if (source.classes.join() !== classes.join())
    throw new UsageError(
      `--data: the classifier knows ${classes.join(', ')}; these images are ${source.classes.join(', ')}`,
    )
  const [has, takes] = [source.input, input].map((i) => [i.channels, i.height, i.width].join(' × '))
  if (has !== takes)
    throw new UsageError(
      `--data: the classifier takes images of ${takes}; those of ${values.data} are ${has}`,
    )
  const metrics = { accuracy: new Accuracy(), five: new TopKAccuracy(Math.min(5, classes.length)) }
  await validate(classifier.network, new DataLoader(test, { batchSize: 250 }), {
    metrics,
    forward: (_, { x, t }: Batch) => ({ output: classifier.forward(x), target: t }),
  })
  const { accuracy, five } = metrics
  console.log(
    `${source.title}: ${percent(accuracy.value)} of ${grouped(test.length)} test images right, ` +
      `${percent(five.value)} among the first five`,
  )
  return 0
}
