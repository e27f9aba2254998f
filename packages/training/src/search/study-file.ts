import { FormatError } from '@badak/tensor'
import { builtin } from '../builtin.ts'
import type { Space } from './space.ts'
import type { StudyEvent } from './study.ts'
import type { Direction } from './successive-halving.ts'

/** What a study is about: a search that goes on with it must be about the same. */
export interface StudyDescription {
  readonly space: Readonly<Record<string, unknown>>
  readonly direction: Direction
  readonly strategy: string
  readonly seed: number
}

/** Where the events of a study are kept. */
export interface StudyStore {
  /** How errors call it. */
  readonly name: string
  /** What was written, if anything. */
  load(): Promise<readonly unknown[]>
  /** Writes one line, whole or not at all. */
  append(line: object): void
}

const format = 'badak-study 1'

/**
 * A study as a file of JSON lines that only grows: one that was killed at any moment goes on from what it says.
 * In Node, Deno and Bun.
 */
export function studyFile(path: string): StudyStore {
  const fs = builtin('node:fs', 'studyFile')
  const { dirname } = builtin('node:path', 'studyFile')
  return {
    name: path,
    async load() {
      if (!fs.existsSync(path)) return []
      const text = fs.readFileSync(path, 'utf8')
      // A line that was being written when the process ended has no end.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      if (whole.length < text.length) fs.truncateSync(path, new TextEncoder().encode(whole).length)
      return whole
        .split('\n')
        .slice(0, -1)
        .map((line, i) => parse(path, line, i + 1))
    },
    append(line) {
      fs.mkdirSync(dirname(path), { recursive: true })
      fs.appendFileSync(path, `${JSON.stringify(line)}\n`, { flush: true })
    },
  }
}

/** The events that a store holds, checked against what the search is about; begins a new store. */
export async function openStudy(store: StudyStore, description: StudyDescription): Promise<StudyEvent[]> {
  const [head, ...events] = await store.load()
  if (head === undefined) {
    store.append({ format, ...description })
    return []
  }
  const { format: found, ...about } = head as Record<string, unknown>
  if (found !== format) throw new FormatError(`search: ${store.name}: not a study`)
  for (const [key, value] of Object.entries(description)) {
    const [own, wanted] = [JSON.stringify(about[key]), JSON.stringify(value)]
    if (own !== wanted)
      throw new FormatError(`search: ${store.name}: is about another ${key}: ${own}, not ${wanted}`)
  }
  return events.map((event) => revive(event as StudyEvent))
}

/** What makes two spaces the same. */
export function describeSpace(space: Space): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(space).map(([name, { kind, bounds, values }]) => [
      name,
      values ? { kind, values } : { kind, bounds },
    ]),
  )
}

/** JSON has no NaN. */
function revive(event: StudyEvent): StudyEvent {
  return 'value' in event && (event.value as unknown) === null ? { ...event, value: NaN } : event
}

function parse(path: string, line: string, number: number): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch (cause) {
    throw new FormatError(`search: ${path}: line ${number} is not JSON`, { cause })
  }
}
