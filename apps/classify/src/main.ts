import { BadakError, shutdown } from '@badak/tensor'
import { UsageError } from 'command-line/arguments'

const help = `Trains image classifiers, and shows what they look at.

  npm run classify -- <command> [options]

  train      trains a network on MNIST, Fashion-MNIST, CIFAR-10 or a folder of images
  predict    says what images show, and on what the answer rests
  explain    shows in six ways which pixels of an image matter
  evaluate   measures a classifier on the test images of a data set
  export     writes a classifier into a file of its own
  page       serves a page: draw a digit or drop an image, and look into the network
  <command> --help

What is asked for wrongly is told in one line, with exit code 2.`

type Command = (args: readonly string[]) => Promise<number>

/** Loaded when they are asked for: who predicts needs no server, who trains no codecs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  train: async () => (await import('./commands/train.ts')).runTrain,
  predict: async () => (await import('./commands/predict.ts')).runPredict,
  explain: async () => (await import('./commands/explain.ts')).runExplain,
  evaluate: async () => (await import('./commands/evaluate.ts')).runEvaluate,
  export: async () => (await import('./commands/export.ts')).runExport,
  page: async () => (await import('./commands/page.ts')).runPage,
}

async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(help)
    return name === undefined ? 2 : 0
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load === undefined)
    throw new UsageError(`there is no command "${name}": ${Object.keys(commands).join(', ')}`)
  return (await load())(rest)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof BadakError)) throw error
  console.error(`classify: ${error.message.replace(/^classify: /, '')}`)
  process.exitCode = 2
}
// The threads of the backend would keep the process alive.
shutdown()
