import type { Answer, Picture, Request, Sight } from './protocol.ts'

/** Who is told what the worker has seen. */
interface Listener {
  onOpened(opened: Extract<Answer, { kind: 'opened' }>): void
  onSight(sight: Sight): void
  onBlank(): void
  /** @param opens whether it was a network that could not be opened */
  onFailure(message: string, opens: boolean): void
}

/** A picture, and the class that is to be explained. */
interface Question {
  readonly picture: Picture
  readonly target: number | undefined
}

/**
 * The worker that computes. It is asked one thing at a time; of what comes meanwhile the newest waits, the others
 * are forgotten: a hand draws faster than a slow machine looks.
 */
export class Viewer {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  readonly #listener: Listener
  #id = 0
  #busy = false
  #waiting: Question | undefined

  constructor(listener: Listener) {
    this.#listener = listener
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.#hear(data))
    this.#worker.addEventListener('error', (event) =>
      listener.onFailure(event.message || 'The worker could not be started.', true),
    )
  }

  /** Opens a checkpoint; what was asked before is not answered any more. */
  open(source: string | Blob): void {
    this.cancel()
    this.#send({ kind: 'open', source })
  }

  /** Asks what is in a picture; the answer to an earlier question that waits is not wanted any more. */
  look(picture: Picture, target: number | undefined): void {
    this.#waiting = { picture, target }
    this.#next()
  }

  /** Answers to what was asked so far are not wanted any more. */
  cancel(): void {
    this.#waiting = undefined
    this.#id++
  }

  #next(): void {
    if (this.#busy || !this.#waiting) return
    const { picture, target } = this.#waiting
    this.#waiting = undefined
    this.#busy = true
    this.#send({ kind: 'look', id: ++this.#id, picture, target })
  }

  #send(request: Request): void {
    const pixels = request.kind === 'look' && request.picture.kind === 'pixels'
    this.#worker.postMessage(request, pixels ? [(request.picture as { rgba: ArrayBuffer }).rgba] : [])
  }

  #hear(answer: Answer): void {
    if (answer.kind === 'opened') return this.#listener.onOpened(answer)
    if (answer.id !== undefined) this.#busy = false
    // Of a question that was taken back: what is shown by now is something else.
    const wanted = answer.id === undefined || answer.id === this.#id
    if (wanted && answer.kind === 'seen') this.#listener.onSight(answer.sight)
    if (wanted && answer.kind === 'blank') this.#listener.onBlank()
    if (wanted && answer.kind === 'failed') this.#listener.onFailure(answer.message, answer.id === undefined)
    this.#next()
  }
}
