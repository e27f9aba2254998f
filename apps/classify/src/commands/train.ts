import { join, relative } from 'node:path'
import { grouped } from 'command-line/numbers'
import { abortOnSignal } from 'command-line/stop-signal'
import { train } from '../session.ts'
import { parseTrainOptions, trainHelp } from '../train-options.ts'

/** `classify train …`. Returns the exit code. */
export async function runTrain(args: readonly string[]): Promise<number> {
  const options = parseTrainOptions(args)
  if (options.kind === 'help') {
    console.log(trainHelp)
    return 0
  }
  const { signal, exitCode, onStep } = abortOnSignal()
  const root = join(process.cwd(), 'runs')
  const { run, history, finished } = await train(options, { root, output: process.stdout, signal, onStep })
  if (finished) return 0
  console.log(`\nsaved after ${grouped(history.losses.length)} steps; go on with`)
  console.log(`  npm run classify -- train --resume ${relative('', run.directory)}`)
  return exitCode()
}
