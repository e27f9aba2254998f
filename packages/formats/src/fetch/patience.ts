/** Ends a request when nothing has come for a while, or when the caller wants it. */
export class Patience {
  readonly signal: AbortSignal
  readonly #milliseconds: number
  readonly #abort = new AbortController()
  #timer: ReturnType<typeof setTimeout>

  constructor(milliseconds: number, signal?: AbortSignal) {
    this.#milliseconds = milliseconds
    this.signal = signal ? AbortSignal.any([signal, this.#abort.signal]) : this.#abort.signal
    this.#timer = this.#start()
  }

  /** Something has come. */
  renew(): void {
    clearTimeout(this.#timer)
    this.#timer = this.#start()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #start(): ReturnType<typeof setTimeout> {
    const lost = (): void => this.#abort.abort(new Error(`nothing came for ${this.#milliseconds / 1000} s`))
    return setTimeout(lost, this.#milliseconds)
  }
}
