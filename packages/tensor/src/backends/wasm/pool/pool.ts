import { BackendError } from '../../../errors.ts'
import type { Heap } from '../memory/heap.ts'
import { control, ERROR_CHARACTERS, LAUNCH_WORDS } from './control.ts'
import { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts'
import { spawn, type Thread } from './spawn.ts'

export interface PoolOptions {
  /** How many threads compute, the caller included where it may block. */
  readonly threads: number
  /** Whether the calling thread computes and waits; else other threads do and `run` gives a promise. */
  readonly blocking: boolean
  /** Milliseconds without progress after which threads count as dead; default 60 s. */
  readonly patience?: number
}

/**
 * The threads that run launches. Where the caller may block it conducts and computes itself, and threads that
 * are not up yet are not waited for. On the main thread of a page another thread conducts. All others are
 * started by the first launch that is worth sharing: a thread costs a process about 20 ms, and small programs
 * never need one.
 */
export class Pool {
  readonly #heap: Heap
  readonly #runtime: Runtime
  readonly #threads: Thread[] = []
  readonly #blocking: boolean
  readonly #optionsOf: (thread: number) => RuntimeOptions
  readonly #end: number
  /** The first of the threads, up to `end`, that have not been started. */
  #unstarted = 1
  #modules = 0
  #missed = false
  #lastModule = 0
  /** Why nothing can run any more. */
  #broken: string | undefined
  #running: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor(heap: Heap, { threads, blocking, patience = 60_000 }: PoolOptions) {
    this.#heap = heap
    this.#blocking = blocking
    this.#optionsOf = (thread) => ({
      memory: heap.memory,
      control,
      launchWords: LAUNCH_WORDS,
      errorCharacters: ERROR_CHARACTERS,
      thread,
      patience,
    })
    this.#runtime = createRuntime(this.#optionsOf(0))
    this.#end = threads
    if (!blocking) this.#startThread(0, true)
  }

  /** Threads besides the caller that have been started. */
  get helpers(): number {
    return this.#threads.length
  }

  /**
   * Makes a module known to all threads, each of which compiles it when it next has work. Returns its number.
   */
  addModule(code: Uint8Array): number {
    const address = this.#heap.allocate(8 + code.length)
    const { bytes, words } = this.#heap
    words[address >>> 2] = 0
    words[(address >>> 2) + 1] = code.length
    bytes.set(code, address + 8)
    Atomics.store(words, this.#lastModule === 0 ? control.modules : this.#lastModule >>> 2, address)
    this.#lastModule = address
    return this.#modules++
  }

  /**
   * Runs `count` launches whose records begin at `address`. One run at a time.
   *
   * @throws BackendError when a kernel traps or a thread has died (or rejects with it)
   */
  run(address: number, count: number): void | Promise<void> {
    if (this.#broken !== undefined)
      throw new BackendError(`run: the backend has failed before: ${this.#broken}`)
    if (this.#unstarted < this.#end && this.#isWorthSharing(address, count)) {
      while (this.#unstarted < this.#end) this.#startThread(this.#unstarted++, false)
    }
    if (!this.#blocking) return this.#hand(address, count)
    try {
      this.#runtime.conduct(address, count, this.#threads.length > 0)
    } catch (error) {
      throw this.#failure(String(error))
    }
  }

  /** Ends all threads. */
  dispose(): void {
    this.#broken ??= 'it was disposed'
    const { words } = this.#heap
    for (const bell of [control.join, control.command]) {
      Atomics.store(words, bell, control.ended)
      Atomics.notify(words, bell)
    }
    for (const thread of this.#threads) thread.end()
    this.#threads.length = 0
    this.#running?.reject(new BackendError('run: the backend was disposed'))
    this.#running = undefined
  }

  #startThread(thread: number, conducts: boolean): void {
    const started = spawn({
      options: this.#optionsOf(thread),
      conducts,
      onReport: (error) => this.#finish(error),
      onCrash: (reason) => (conducts ? this.#break(reason) : this.#miss(reason)),
    })
    if (started) this.#threads.push(started)
  }

  /** Whether any of these launches are more than one thread takes at a time. */
  #isWorthSharing(address: number, count: number): boolean {
    const { words } = this.#heap
    for (let k = 0, record = address >>> 2; k < count; k++, record += LAUNCH_WORDS) {
      if (words[record + 8] !== 0) return true
    }
    return false
  }

  #hand(address: number, count: number): Promise<void> {
    const { words } = this.#heap
    words[control.runAddress] = address
    words[control.runLaunches] = count
    Atomics.store(words, control.command, (Atomics.load(words, control.command) + 1) & 0x3fffffff)
    Atomics.notify(words, control.command)
    return new Promise((resolve, reject) => {
      this.#running = { resolve, reject }
    })
  }

  #finish(error: string | undefined): void {
    const running = this.#running
    this.#running = undefined
    if (error === undefined) running?.resolve()
    else running?.reject(this.#failure(error))
  }

  /** A helper could not start, or has ended: the others do its work. */
  #miss(reason: string): void {
    if (this.#missed) return
    this.#missed = true
    // oxlint-disable-next-line no-console -- once, and nobody would find out otherwise why it is slow
    console.warn(`badak: computing with fewer threads: one has ended: ${reason}`)
  }

  /** Without a conductor nothing runs. */
  #break(reason: string): void {
    this.#broken = reason
    this.#finish(reason)
  }

  #failure(reason: string): BackendError {
    // After a trap the threads are intact; after a silence they may write at any time, so nothing may run
    // again.
    if (reason.includes('has not answered')) this.#broken = reason
    return new BackendError(`run: a kernel failed: ${reason}`)
  }
}
