import type { KernelObserver } from '../backends/backend.ts'
import { GraphError } from '../errors.ts'
import type { Node } from '../graph/node.ts'
import { currentBackend, watchKernels } from './current-backend.ts'
import { commit, evaluateNodes } from './evaluate.ts'
import { kernelWork } from './kernel-work.ts'
import { writeText } from './write-text.node.ts'

/** What all runs of the kernels with one label took together. */
export interface KernelProfile {
  readonly label: string
  readonly kind: string
  readonly count: number
  readonly milliseconds: number
  /** Arithmetic operations; those of convolutions as a direct convolution has them. */
  readonly flops: number
  /** Bytes read and written if each element touched comes from memory once. */
  readonly bytes: number
  /** GFLOP/s. */
  readonly gigaflops: number
  /** GB/s. */
  readonly gigabytes: number
}

/** One kernel that ran: when it began after the profile did, and how long it took, in milliseconds. */
export interface KernelEvent {
  readonly label: string
  readonly kind: string
  readonly start: number
  readonly milliseconds: number
  readonly flops: number
  readonly bytes: number
}

/** Where the time of `profile(fn)` went. */
export interface Profile<T> {
  /** What `fn` returned. */
  readonly result: T
  /** From the start of `fn` to the end of the last kernel. */
  readonly milliseconds: number
  /** Those that took longest come first. */
  readonly kernels: readonly KernelProfile[]
  readonly events: readonly KernelEvent[]
  /** The events in Chrome's trace format, as JSON: for chrome://tracing or ui.perfetto.dev. */
  trace(): string
  /** A table for the terminal. */
  toString(): string
}

/**
 * Runs `fn` and whatever is pending after it, and tells how long each kernel took, how many GFLOP/s it
 * reached and how many GB/s. Kernels run one at a time meanwhile. Compile what you are not interested in by
 * calling `fn` once before.
 *
 * @param fn what to watch; a tensor or promise that it returns is evaluated or awaited as part of it
 * @throws GraphError inside of another profile
 * @example
 * ```ts
 * const x = randomNormal([256, 256])
 * const { kernels } = await profile(() => x.matmul(x).relu())
 * console.log(kernels[0].label, kernels[0].gigaflops)
 * ```
 */
export async function profile<T>(fn: () => T): Promise<Profile<Awaited<T>>> {
  if (profiling) throw new GraphError('profile: another profile has not ended yet: await it first')
  profiling = true
  currentBackend()
  const recorded: KernelEvent[] = []
  const began = performance.now()
  watchKernels((kernel, program, start, milliseconds) => {
    const { label, kind } = kernel
    recorded.push({ label, kind, start: start - began, milliseconds, ...kernelWork(kernel, program) })
  })
  try {
    const result = await fn()
    await (hasNode(result) ? evaluateNodes([result.node]) : commit())
    return makeProfile(result, performance.now() - began, recorded)
  } finally {
    watchKernels(environment)
    profiling = false
  }
}

let profiling = false
/** Who watches when `profile` does not. */
let environment: KernelObserver | undefined

function hasNode(value: unknown): value is { readonly node: Node } {
  return typeof value === 'object' && value !== null && 'node' in value
}

function makeProfile<T>(result: T, milliseconds: number, events: readonly KernelEvent[]): Profile<T> {
  const totals = new Totals()
  for (const event of events) totals.add(event)
  const kernels = totals.kernels()
  const profile = { result, milliseconds, kernels, events, trace: () => traceOf(events) }
  return Object.assign(profile, { toString: () => tableOf(kernels, milliseconds) })
}

/** Sums over kernels with equal labels. */
class Totals {
  readonly #byLabel = new Map<string, KernelProfile>()

  add({ label, kind, milliseconds, flops, bytes }: Omit<KernelEvent, 'start'>): void {
    const before = this.#byLabel.get(label) ?? { count: 0, milliseconds: 0, flops: 0, bytes: 0 }
    const time = before.milliseconds + milliseconds
    const rate = (amount: number): number => (time > 0 ? amount / time / 1e6 : 0)
    const [operations, moved] = [before.flops + flops, before.bytes + bytes]
    this.#byLabel.set(label, {
      label,
      kind,
      count: before.count + 1,
      milliseconds: time,
      flops: operations,
      bytes: moved,
      gigaflops: rate(operations),
      gigabytes: rate(moved),
    })
  }

  kernels(): readonly KernelProfile[] {
    return [...this.#byLabel.values()].sort((a, b) => b.milliseconds - a.milliseconds)
  }
}

/**
 * @see https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU "Trace Event Format"
 */
function traceOf(events: readonly KernelEvent[]): string {
  const traceEvents = events.map(({ label, kind, start, milliseconds, flops, bytes }) => ({
    name: label,
    cat: kind,
    ph: 'X',
    pid: 1,
    tid: 1,
    ts: start * 1000,
    dur: milliseconds * 1000,
    args: { flops, bytes },
  }))
  return JSON.stringify({ traceEvents, displayTimeUnit: 'ms' })
}

function tableOf(kernels: readonly KernelProfile[], elapsed: number): string {
  const inKernels = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const rows = kernels.map(({ label, count, milliseconds, gigaflops, gigabytes }) => [
    milliseconds.toFixed(3),
    `${((100 * milliseconds) / elapsed).toFixed(1)} %`,
    String(count),
    gigaflops.toFixed(1),
    gigabytes.toFixed(1),
    label,
  ])
  const outside = elapsed - inKernels
  rows.push([
    outside.toFixed(3),
    `${((100 * outside) / elapsed).toFixed(1)} %`,
    '',
    '',
    '',
    '(outside of kernels)',
  ])
  const table = [['ms', 'share', 'runs', 'GFLOP/s', 'GB/s', 'kernel'], ...rows]
  const widths = [11, 8, 7, 9, 8]
  return table.map((row) => row.map((cell, k) => cell.padStart(widths[k] ?? 0)).join('  ')).join('\n')
}

/**
 * `BADAK_PROFILE=1` in Node watches the whole program and prints the table to standard error when it ends;
 * `BADAK_PROFILE=trace.json` also writes what Chrome's trace viewer opens to that file.
 */
function watchProgram(): void {
  const host = globalThis.process
  const wish = host?.env?.['BADAK_PROFILE']
  if (!wish || typeof host.once !== 'function') return
  const file = wish.endsWith('.json') ? wish : undefined
  const totals = new Totals()
  const events: KernelEvent[] = []
  const began = performance.now()
  environment = (kernel, program, start, milliseconds) => {
    const { label, kind } = kernel
    const event = { label, kind, start: start - began, milliseconds, ...kernelWork(kernel, program) }
    totals.add(event)
    // A table needs no more than the sums; a program may run for days.
    if (file) events.push(event)
  }
  watchKernels(environment)
  host.once('exit', () => {
    host.stderr.write(`${tableOf(totals.kernels(), performance.now() - began)}\n`)
    if (file) writeText(file, traceOf(events))
  })
}

watchProgram()
