import { GraphError, VersionError } from '../errors.ts'
import type { Backend, DeviceBuffer } from '../backends/backend.ts'

/** Frees what nobody can reach any more. A backstop: it changes memory use, never a value or a plan. */
const backstop = new FinalizationRegistry<{ backend: Backend; buffer: DeviceBuffer }>(
  ({ backend, buffer }) => {
    backend.free(buffer)
  },
)

/** Device memory that a node or a cell owns, until it is released. */
export class Storage {
  readonly backend: Backend
  readonly #buffer: DeviceBuffer
  readonly #guarded: boolean
  /** Why the memory is gone; undefined while it is there. */
  #released: { readonly by: 'dispose' | 'assign'; readonly name: string } | undefined

  /** `guarded`: whether it is released with the last that holds it; otherwise its owner sees to that. */
  constructor(backend: Backend, buffer: DeviceBuffer, guarded = true) {
    this.backend = backend
    this.#buffer = buffer
    this.#guarded = guarded
    if (guarded) backstop.register(this, { backend, buffer }, this)
  }

  /** Stands for memory that was never computed since a newer value replaced it. */
  static replaced(backend: Backend, name: string): Storage {
    const storage = new Storage(backend, { bytes: 0 }, false)
    storage.#released = { by: 'assign', name }
    return storage
  }

  get released(): boolean {
    return this.#released !== undefined
  }

  /** The memory. @throws VersionError or GraphError when it has been released */
  buffer(operation: string): DeviceBuffer {
    const released = this.#released
    if (released === undefined) return this.#buffer
    if (released.by === 'dispose')
      throw new GraphError(`${operation}: the tensor was disposed: ${released.name}`)
    throw new VersionError(
      `${operation}: built on an old value of ${released.name}, which has been assigned since: ` +
        'evaluate or keep() this tensor before the assignment is carried out (optimizer.step())',
    )
  }

  release(by: 'dispose' | 'assign', name: string): void {
    if (this.#released !== undefined) return
    this.#released = { by, name }
    if (this.#guarded) backstop.unregister(this)
    this.backend.free(this.#buffer)
  }
}
