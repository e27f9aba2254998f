import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { works } from '../workloads/index.ts'
import { installPeers } from './install.ts'
import { measureLimits } from './limits.ts'
import { measureMemory } from './memory-growth.ts'
import { measureBundles, measureStartUp, peerVersions } from './once.ts'
import { type Options, parseOptions } from './options.ts'
import { peers } from './peers.ts'
import { markdownOf } from './markdown.ts'
import { heading, type Report, rowFrom, terminalLine, titleOf } from './report.ts'
import type { Limits, Result } from './result.ts'
import { keyOf, timeWork } from './timing.ts'

/** What is measured once, whatever the number of threads. */
const singles = ['start-up', 'bundle', 'memory'] as const

/** Measures what the arguments ask for, prints the table as it grows, and saves it. */
export async function runSideBySide(args: readonly string[]): Promise<void> {
  const names = [...works.map(({ name }) => name), ...singles]
  const options = parseOptions(
    args,
    names,
    peers.map(({ name }) => name),
  )
  installPeers()
  const report = await measure(options)
  save(report, options)
}

async function measure(options: Options): Promise<Report> {
  const { quick, threads: counts, filter } = options
  const wanted = (name: string): boolean => options.only.length === 0 || options.only.includes(name)
  const isChosen = (name: string): boolean => options.peers.length === 0 || options.peers.includes(name)
  const limits: Limits[] = []
  const results: Result[] = []
  const known = new Map<string, Result>()
  let title = ''
  const add = (result: Result): void => {
    results.push(result)
    known.set(keyOf({ name: result.work }, { name: result.case }, { name: result.peer }), result)
    const next = titleOf(result, works)
    if (next !== title) console.log(`\n${next}`)
    title = next
    console.log(terminalLine(rowFrom(result, { results, limits }, works)))
  }
  const chosen = ({ name }: { name: string }): boolean => isChosen(name)
  for (const threads of counts) {
    const limit = await measureLimits(threads, quick)
    limits.push(limit)
    console.log(
      `\nLimits on ${threads} thread${threads > 1 ? 's' : ''}: ${limit.gigaflops.toFixed(1)} GFLOP/s, ${limit.gigabytes.toFixed(1)} GB/s`,
    )
    console.log(terminalLine(heading))
    for (const work of works.filter(({ name }) => wanted(name))) {
      await timeWork(work, { threads, quick, chosen, filter, known, report: add })
    }
    // What is saved refers to the better of both: something else may have been running at the first.
    limits[limits.length - 1] = better(limit, await measureLimits(threads, quick))
  }
  if (wanted('start-up')) measureStartUp(isChosen, quick, add)
  if (wanted('bundle')) measureBundles(isChosen, add)
  if (wanted('memory')) await measureMemory({ chosen, quick, threads: counts.at(-1)! }, add)
  return { date: new Date().toISOString(), machine: machine(), versions: peerVersions(), limits, results }
}

function better(a: Limits, b: Limits): Limits {
  const [gigaflops, gigabytes] = [Math.max(a.gigaflops, b.gigaflops), Math.max(a.gigabytes, b.gigabytes)]
  return { threads: a.threads, gigaflops, gigabytes }
}

function machine(): string {
  const processors = cpus()
  return `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores, Node.js ${process.version}`
}

function save(report: Report, { json }: Options): void {
  const folder = fileURLToPath(new URL('../results/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const file = `${folder}${report.date.slice(0, 19).replaceAll(':', '-')}`
  const text = `${JSON.stringify(report, undefined, 2)}\n`
  writeFileSync(`${file}.json`, text)
  writeFileSync(`${file}.md`, markdownOf(report, works))
  if (json !== undefined) writeFileSync(json, text)
  console.log(`\nSaved as benchmarks/results/${report.date.slice(0, 19).replaceAll(':', '-')}.md and .json`)
}
