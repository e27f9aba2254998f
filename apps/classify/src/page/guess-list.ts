import type { Guess } from '../classifier.ts'

/** Rows of the list. */
const ROWS = 5

/** The likeliest classes as bars; a click on one asks what speaks for it. */
export class GuessList {
  readonly #rows: readonly Row[]

  /** @param onChoose is called with a class */
  constructor(list: HTMLOListElement, onChoose: (label: number) => void) {
    this.#rows = Array.from({ length: ROWS }, () => new Row(list, onChoose))
  }

  /** @param target the class that is explained */
  show(guesses: readonly Guess[], target: number): void {
    for (const [i, row] of this.#rows.entries()) row.show(guesses[i], target)
  }

  clear(): void {
    for (const row of this.#rows) row.show(undefined, -1)
  }
}

class Row {
  readonly #button = document.createElement('button')
  readonly #name = document.createElement('b')
  readonly #share = document.createElement('span')
  #label: number | undefined

  constructor(list: HTMLOListElement, onChoose: (label: number) => void) {
    this.#button.type = 'button'
    this.#button.className = 'guess'
    this.#button.append(this.#name, this.#share)
    this.#button.addEventListener('click', () => {
      if (this.#label !== undefined) onChoose(this.#label)
    })
    const item = document.createElement('li')
    item.append(this.#button)
    list.append(item)
  }

  show(guess: Guess | undefined, target: number): void {
    const { name = '–', probability = 0, label } = guess ?? {}
    this.#label = label
    this.#name.textContent = name
    this.#share.textContent = guess ? percent(probability) : ''
    this.#button.disabled = !guess
    this.#button.setAttribute('aria-pressed', `${label === target}`)
    this.#button.style.setProperty('--share', probability.toFixed(4))
  }
}

/** `99.8 %` */
export function percent(probability: number): string {
  return `${(100 * probability).toFixed(1)} %`
}
