import { parseArgs } from 'node:util'

export interface Options {
  /** Names of works; empty means all. */
  readonly only: readonly string[]
  /** Names of peers; empty means all. */
  readonly peers: readonly string[]
  /** Part of the name of a case. */
  readonly filter: string
  readonly threads: readonly number[]
  readonly quick: boolean
  /** Also written here. */
  readonly json: string | undefined
}

/** @throws Error that names the option and what it may be */
export function parseOptions(
  args: readonly string[],
  works: readonly string[],
  peers: readonly string[],
): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      filter: { type: 'string' },
      threads: { type: 'string' },
      quick: { type: 'boolean' },
      json: { type: 'string' },
    },
  })
  const threads = (values.threads ?? '1,2').split(',').map(Number)
  if (!threads.every((count) => Number.isInteger(count) && count >= 1 && count <= 64)) {
    throw new Error(`--threads: whole numbers from 1 to 64, such as 1,2: ${values.threads}`)
  }
  return {
    only: names('--only', values.only, works),
    peers: names('--peers', values.peers, peers),
    filter: values.filter ?? '',
    threads,
    quick: values.quick ?? false,
    json: values.json,
  }
}

function names(option: string, given: string | undefined, known: readonly string[]): string[] {
  const chosen = given?.split(',') ?? []
  const unknown = chosen.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`${option}: unknown "${unknown}"; known: ${known.join(', ')}`)
  return chosen
}
