import { ValueError } from '@badak/tensor'
import { builtin } from '../builtin.ts'

/** Whether a log may replace one that is there. */
export interface LogOptions {
  /** Default false: a file that is there is refused, unless the run goes on from a checkpoint that knew it. */
  overwrite?: boolean
}

/**
 * A file that grows line by line, or record by record. It knows its length, so that a run that goes on from a
 * checkpoint can cut off what was written after it.
 */
export class AppendFile {
  readonly path: string
  readonly #operation: string
  readonly #fs: typeof import('node:fs')
  #descriptor: number | undefined
  #length = 0

  constructor(path: string, operation: string) {
    this.path = path
    this.#operation = operation
    this.#fs = builtin('node:fs', operation)
  }

  /** Bytes written. */
  get length(): number {
    return this.#length
  }

  /** Whether it is open. */
  get isOpen(): boolean {
    return this.#descriptor !== undefined
  }

  /** Begins a new file. @throws ValueError when there is one, unless it may be replaced */
  create({ overwrite = false }: LogOptions): void {
    const { dirname } = builtin('node:path', this.#operation)
    try {
      this.#fs.mkdirSync(dirname(this.path), { recursive: true })
      this.#descriptor = this.#fs.openSync(this.path, overwrite ? 'w' : 'wx')
    } catch (cause) {
      const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
      const problem = exists
        ? 'is there already: go on from a checkpoint, or set overwrite'
        : (cause as Error).message
      throw new ValueError(`${this.#operation}: ${this.path}: ${problem}`, { cause })
    }
  }

  /** Opens a file that has at least `length` bytes, and cuts off the rest. */
  reopen(length: number): void {
    try {
      this.#descriptor = this.#fs.openSync(this.path, 'r+')
    } catch (cause) {
      throw new ValueError(`${this.#operation}: ${this.path}: ${(cause as Error).message}`, { cause })
    }
    const { size } = this.#fs.fstatSync(this.#descriptor)
    if (size < length) {
      throw new ValueError(
        `${this.#operation}: ${this.path}: has ${size} bytes, the checkpoint knew ${length}`,
      )
    }
    this.#fs.ftruncateSync(this.#descriptor, length)
    this.#length = length
  }

  write(bytes: Uint8Array | string): void {
    const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
    for (let done = 0; done < data.length;)
      done += this.#fs.writeSync(this.#descriptor!, data, done, data.length - done, this.#length + done)
    this.#length += data.length
  }

  close(): void {
    if (this.#descriptor !== undefined) this.#fs.closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}
