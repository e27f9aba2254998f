import type { Control } from './control.ts'

/** What runs launches on one thread. */
export interface Runtime {
  /**
   * Runs `count` launches whose records begin at `address`, one after the other but for
   * those that are chained, with whoever helps. Throws on a trap.
   */
  conduct(address: number, count: number, helped: boolean): void
  /**
   * Helps with launches until told to stop; the first thread of a page also conducts, and reports each run.
   */
  serve(conducts: boolean, report: (error: string | undefined) => void): void
}

export interface RuntimeOptions {
  readonly memory: WebAssembly.Memory
  readonly control: Control
  readonly launchWords: number
  readonly errorCharacters: number
  /** Position of this thread, which says where its scratch lies. */
  readonly thread: number
  /** Milliseconds without any progress after which threads count as dead. */
  readonly patience: number
}

type KernelFunction = (args: number, begin: number, end: number, threadScratch: number) => void

/**
 * The part of the pool that every thread runs. Threads receive it as text, so that no bundler needs to know
 * of a second entry point: it must refer to nothing outside of itself, and consists of methods because
 * bundlers that keep the names of functions wrap all others in a helper that threads don't have.
 *
 * Launches without a barrier between them are opened by writing `join`. Whoever sees them open adds itself there,
 * takes chunks off `next` until none is left, and adds itself to `finished`. The conductor takes chunks too, then
 * closes them and waits for those that had joined by then; nobody waits for a thread that is asleep or not up yet.
 *
 * `next` counts through the chunks of all of them. Launches that are chained have equally many chunks: all do the
 * first one, then the second.
 */
// oxlint-disable-next-line max-lines-per-function -- must be one self-contained function: it is sent to threads as text
export function createRuntime(options: RuntimeOptions): Runtime {
  const { memory, control, launchWords, errorCharacters, thread, patience } = options
  // About 50 µs: longer than threads need to come to an end together.
  const spins = 4000
  // About a quarter of a millisecond: waking a thread takes the caller some 20 µs and the thread as long again, and
  // the next step of a small network is there sooner than that.
  const idleSpins = 20_000
  const kernels: KernelFunction[][] = []
  let words = new Int32Array(memory.buffer)
  let lastModule = 0

  const runtime = {
    conduct(address: number, count: number, helped: boolean): void {
      const bytes = launchWords * 4
      const end = address + count * bytes
      this.reach(end)
      for (let at = address; at < end; ) {
        const first = at >>> 2
        const after = at + bytes * words[first + 7]
        if (helped && words[first + 8] !== 0) this.share(at, after)
        else this.workAlone(first, after >>> 2)
        at = after
      }
    },

    serve(conducts: boolean, report: (error: string | undefined) => void): void {
      const bell = conducts ? control.command : control.join
      let done = 0
      let lastRound = -1
      let idle = 0
      for (;;) {
        const state = Atomics.load(words, bell)
        if (state === control.ended) return
        if (conducts && state !== done) {
          report(this.conductCommand())
          done = state
          idle = 0
        } else if (!conducts && (state & 1) === 1 && state >>> 9 !== lastRound) {
          if (this.help(state)) lastRound = state >>> 9
          idle = 0
        } else if (idle++ > idleSpins) {
          Atomics.add(words, control.sleepers, 1)
          Atomics.wait(words, bell, state)
          Atomics.sub(words, control.sleepers, 1)
          idle = 0
        }
      }
    },

    /** Makes `words` reach `address`: memory may have grown, here or in another thread. */
    reach(address: number): Int32Array {
      if (address >= words.byteLength) {
        memory.grow(0)
        words = new Int32Array(memory.buffer)
      }
      return words
    },

    /** Compiles the modules that have been added to the chain since the last call. */
    loadModules(): void {
      for (;;) {
        const link = lastModule === 0 ? control.modules : lastModule >>> 2
        const address = Atomics.load(this.reach(link * 4), link) >>> 0
        if (address === 0) return
        const length: number = this.reach(address + 8)[(address >>> 2) + 1]
        this.reach(address + 8 + length)
        const code = new Uint8Array(memory.buffer, address + 8, length).slice()
        const module = new WebAssembly.Module(code)
        const { exports } = new WebAssembly.Instance(module, { env: { memory } })
        const functions: KernelFunction[] = []
        for (const { name } of WebAssembly.Module.exports(module))
          functions.push(exports[name] as KernelFunction)
        kernels.push(functions)
        lastModule = address
      }
    },

    kernelOf(record: number): KernelFunction {
      const module = words[record]
      if (module >= kernels.length) this.loadModules()
      return kernels[module][words[record + 1]]
    },

    scratchOf(record: number): number {
      return words[record + 5] + thread * words[record + 6]
    },

    chunksOf(record: number): number {
      return Math.ceil(words[record + 3] / words[record + 4])
    },

    /** Where the chain that begins with `record` ends. */
    chainEnd(record: number): number {
      return record + launchWords * words[record + 9]
    },

    /** Address of the arguments for a chunk: the launch's, or a copy that points into this thread's own memory. */
    argumentsOf(record: number, chunk: number): number {
      const own = words[record + 10] >>> 2
      if (own === 0) return words[record + 2]
      const scratch = this.scratchOf(record)
      const copy = (scratch + words[own]) >>> 2
      const from = words[record + 2] >>> 2
      const count = words[own + 1]
      this.reach(4 * (copy + count)).copyWithin(copy, from, from + count)
      for (let at = own + 3, last = at + words[own + 2]; at < last; at += 3)
        words[copy + words[at]] = scratch + words[at + 1] - chunk * words[at + 2]
      return copy << 2
    },

    /** Does one chunk of each launch in [first, end), which are a chain. */
    workChunk(chunk: number, first: number, end: number): void {
      for (let record = first; record < end; record += launchWords) {
        const units = words[record + 3]
        const grain = words[record + 4]
        const begin = chunk * grain
        const kernel = this.kernelOf(record)
        const args = this.argumentsOf(record, chunk)
        kernel(args, begin, Math.min(begin + grain, units), this.scratchOf(record))
      }
    },

    /** Takes chunks of the launches in [first, end) until none is left. */
    work(first: number, end: number): void {
      let before = 0
      let after = this.chainEnd(first)
      let chunks = this.chunksOf(first)
      for (;;) {
        const ticket = Atomics.add(words, control.next, 1)
        while (ticket - before >= chunks) {
          if (after >= end) return
          before += chunks
          first = after
          after = this.chainEnd(first)
          chunks = this.chunksOf(first)
        }
        this.workChunk(ticket - before, first, after)
        Atomics.add(words, control.progress, 1)
      }
    },

    /** Does the launches in [first, end) without anybody's help; a single one needs no chunks. */
    workAlone(first: number, end: number): void {
      for (let record = first, after = first; record < end; record = after) {
        after = this.chainEnd(record)
        if (record + launchWords === after) {
          this.kernelOf(record)(words[record + 2], 0, words[record + 3], this.scratchOf(record))
        } else {
          const chunks = this.chunksOf(record)
          for (let chunk = 0; chunk < chunks; chunk++) this.workChunk(chunk, record, after)
        }
      }
    },

    /** Leaves an error's text for the conductor and makes everyone stop taking chunks. */
    fail(error: unknown): void {
      const text = String(error).slice(0, errorCharacters)
      if (Atomics.compareExchange(words, control.error, 0, -1) === 0) {
        for (let k = 0; k < text.length; k++) words[control.errorText + k] = text.charCodeAt(k)
        Atomics.store(words, control.error, text.length || 1)
      }
      Atomics.store(words, control.next, 0x3fffffff)
    },

    /** Throws what `fail` has left. */
    rethrow(): void {
      const length = Atomics.exchange(words, control.error, 0)
      if (length === 0) return
      let text = ''
      for (let k = 0; k < length; k++) text += String.fromCharCode(words[control.errorText + k])
      throw new Error(text)
    },

    /** Waits until `joined` threads have finished. */
    awaitFinished(joined: number): void {
      for (let k = 0; k < spins; k++) if (Atomics.load(words, control.finished) === joined) return
      Atomics.store(words, control.waiting, 1)
      let seen = Atomics.load(words, control.progress)
      for (;;) {
        const finished = Atomics.load(words, control.finished)
        if (finished === joined) break
        if (Atomics.wait(words, control.finished, finished, patience) === 'timed-out') {
          const progress = Atomics.load(words, control.progress)
          if (progress === seen) {
            throw new Error(`a thread has not answered for ${patience} ms: it has ended or hangs`)
          }
          seen = progress
        }
      }
      Atomics.store(words, control.waiting, 0)
    },

    /** Opens the launches in [address, end) to all threads, works on them, closes them. */
    share(address: number, end: number): void {
      Atomics.store(words, control.next, 0)
      Atomics.store(words, control.finished, 0)
      Atomics.store(words, control.launch, address)
      Atomics.store(words, control.launchEnd, end)
      const round = ((Atomics.load(words, control.join) >>> 9) + 1) & 0x3fffff
      Atomics.store(words, control.join, (round << 9) | 1)
      if (Atomics.load(words, control.sleepers) > 0) Atomics.notify(words, control.join)
      try {
        this.work(address >>> 2, end >>> 2)
      } catch (error) {
        this.fail(error)
      }
      this.awaitFinished((Atomics.and(words, control.join, ~1) >>> 1) & 0xff)
      this.rethrow()
    },

    /** Joins what `state` says is open and works on it; false if `join` has changed meanwhile. */
    help(state: number): boolean {
      this.loadModules()
      if (Atomics.compareExchange(words, control.join, state, state + 2) !== state) return false
      try {
        const address = Atomics.load(words, control.launch) >>> 0
        const end = Atomics.load(words, control.launchEnd) >>> 0
        this.reach(end)
        this.work(address >>> 2, end >>> 2)
      } catch (error) {
        this.fail(error)
      }
      Atomics.add(words, control.finished, 1)
      if (Atomics.load(words, control.waiting) !== 0) Atomics.notify(words, control.finished)
      return true
    },

    /** Runs what the page asks for; gives the text of an error. */
    conductCommand(): string | undefined {
      try {
        this.conduct(words[control.runAddress] >>> 0, words[control.runLaunches], true)
        return undefined
      } catch (error) {
        return String(error)
      }
    },
  }
  return runtime
}
