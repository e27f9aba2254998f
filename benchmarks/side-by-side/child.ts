// The process in which one JavaScript peer does its work: requests come on standard input, one JSON object to
// a line.
import { createInterface } from 'node:readline'
import { works } from '../workloads/index.ts'
import { open } from './libraries.ts'
import { MARK, type Reply, type Request } from './protocol.ts'
import type { Iteration, Side, Case } from './work.ts'

const [peer = '', library = '', threads = '1'] = process.argv.slice(2)
let iterate: Iteration | undefined

/** Milliseconds of iterations for about `budget` milliseconds. */
async function sample(budget: number): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + budget
  do {
    const start = performance.now()
    await iterate!()
    times.push(performance.now() - start)
  } while (performance.now() < end && times.length < 1000)
  return times
}

/**
 * Resident bytes, at the start and at the end of `steps` iterations or of as many as fit in `limit`
 * milliseconds.
 */
async function grow(steps: number, limit: number): Promise<{ bytes: number; steps: number }> {
  const warmUp = Math.max(10, Math.floor(steps / 10))
  const end = performance.now() + limit
  let before = process.memoryUsage.rss()
  let step = 0
  for (; step < steps && performance.now() < end; step++) {
    if (step === warmUp) before = process.memoryUsage.rss()
    await iterate!()
    // Newcomers' programs give the collector room now and then: they read a file, draw a line.
    if (step % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return { bytes: process.memoryUsage.rss() - before, steps: step }
}

async function answer(request: Request): Promise<Reply> {
  switch (request.command) {
    case 'prepare': {
      const found = works.find(({ name }) => name === request.work)!
      const what = found.cases.find(({ name }) => name === request.case)!
      const side = found.sides[library as keyof typeof found.sides] as Side<unknown, Case>
      iterate = await side(await opened, what)
      let [first = 0] = await sample(0)
      // The first one may have compiled something: the second tells how long it takes.
      if (first >= request.slow && first < 4 * request.slow) [first = 0] = await sample(0)
      if (first < request.slow) await sample(request.warmUp)
      return { first }
    }
    case 'sample':
      return { times: await sample(request.budget) }
    case 'grow':
      return { grown: await grow(request.steps, request.limit) }
  }
}

const opened = open[peer]!(Number(threads))
opened.catch(() => {})
for await (const line of createInterface({ input: process.stdin })) {
  let reply: Reply
  try {
    reply = await answer(JSON.parse(line) as Request)
  } catch (error) {
    reply = { error: String(error instanceof Error ? error.message : error).split('\n')[0]! }
  }
  process.stdout.write(`${MARK}${JSON.stringify(reply)}\n`)
}
process.exit()
