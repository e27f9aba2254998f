import { join, relative } from 'node:path'
import { BadakError, shutdown } from '@badak/tensor'
import { UsageError } from 'command-line/arguments'
import { grouped } from 'command-line/numbers'
import { help, parseOptions } from './options.ts'
import { train } from './session.ts'
import { abortOnSignal } from 'command-line/stop-signal'

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2))
  if (options.kind === 'help') {
    console.log(help)
    return 0
  }
  const { signal, exitCode, onStep } = abortOnSignal()
  const root = join(process.cwd(), 'runs')
  const { run, history, finished } = await train(options, { root, output: process.stdout, signal, onStep })
  if (finished) return 0
  const epochs = options.start.epochs === undefined ? '' : ` --epochs ${options.start.epochs}`
  console.log(`\nsaved after ${grouped(history.losses.length)} steps; go on with`)
  console.log(`  npm start -- --resume ${relative('', run.directory)}${epochs}`)
  return exitCode()
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError || error instanceof BadakError)) throw error
  console.error(error.message.startsWith('mnist: ') ? error.message : `mnist: ${error.message}`)
  process.exitCode = 2
}
// The threads of the backend would keep the process alive.
shutdown()
