import { PeerProcess } from './peer-process.ts'
import { type Peer, peers } from './peers.ts'
import type { Result } from './result.ts'
import type { Case, Work } from './work.ts'

/** How long is measured, in milliseconds; `slow`: an iteration that takes longer is not repeated. */
interface Effort {
  readonly warmUp: number
  readonly rounds: number
  readonly budget: number
  readonly slow: number
  readonly limit: number
}

const efforts = {
  full: { warmUp: 1000, rounds: 7, budget: 300, slow: 5000, limit: 60_000 },
  quick: { warmUp: 200, rounds: 3, budget: 100, slow: 1000, limit: 20_000 },
} as const satisfies Record<string, Effort>

/** Between two peers: threads of the one before may still spin. */
const PAUSE = 30

export interface TimingOptions {
  readonly threads: number
  readonly quick: boolean
  readonly chosen: (peer: Peer) => boolean
  readonly filter: string
  /** Results of peers without threads from an earlier pass, which stand for this one too. */
  readonly known: ReadonlyMap<string, Result>
  readonly report: (result: Result) => void
}

/**
 * Times the cases of one work: in each round all peers, one after the other, so that a disturbance hits all
 * alike.
 */
export async function timeWork(work: Work, options: TimingOptions): Promise<void> {
  const effort = options.quick ? efforts.quick : efforts.full
  const entrants = peers
    .filter((peer) => options.chosen(peer) && peer.appliesTo(work))
    .map((peer) => ({ peer, process: new PeerProcess(peer, peer.threads ? options.threads : 1) }))
  try {
    for (const what of work.cases.filter(({ name }) => name.includes(options.filter))) {
      await timeCase(work, what, entrants, effort, options)
    }
  } finally {
    for (const { process } of entrants) process.end()
  }
}

interface Entrant {
  readonly peer: Peer
  readonly process: PeerProcess
}

async function timeCase(
  work: Work,
  what: Case,
  entrants: readonly Entrant[],
  effort: Effort,
  options: TimingOptions,
): Promise<void> {
  const times = new Map<Entrant, number[]>()
  const errors = new Map<Entrant, string>()
  const racing: Entrant[] = []
  for (const entrant of entrants) {
    if (!entrant.peer.threads && options.known.has(keyOf(work, what, entrant.peer))) continue
    const { warmUp, slow, limit } = effort
    const request = { command: 'prepare', work: work.name, case: what.name, what, warmUp, slow } as const
    const { error, first } = await entrant.process.ask(request, limit)
    if (error !== undefined) errors.set(entrant, error)
    else if (first! > slow) times.set(entrant, [first!])
    else racing.push(entrant)
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const entrant of racing) {
      if (errors.has(entrant)) continue
      const reply = await entrant.process.ask({ command: 'sample', budget: effort.budget }, effort.limit)
      if (reply.error !== undefined) errors.set(entrant, reply.error)
      else times.set(entrant, [...(times.get(entrant) ?? []), ...reply.times!])
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }
  for (const entrant of entrants) {
    const { peer } = entrant
    const key = keyOf(work, what, peer)
    const base = { work: work.name, case: what.name, peer: peer.name, threads: options.threads }
    const known = peer.threads ? undefined : options.known.get(key)
    const error = errors.get(entrant)
    if (known) options.report({ ...known, threads: options.threads })
    else if (error !== undefined) options.report({ ...base, error })
    else options.report({ ...base, milliseconds: median(times.get(entrant)!) / (what.repeat ?? 1) })
  }
}

export function keyOf(
  work: { readonly name: string },
  what: { readonly name: string },
  peer: { readonly name: string },
): string {
  return `${work.name}|${what.name}|${peer.name}`
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
