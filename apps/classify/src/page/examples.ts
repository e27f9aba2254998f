import type { Stroke } from './drawing-pad.ts'
import { exampleDigits } from './example-digits.ts'

/** Who is told which example was chosen. */
interface Listener {
  onStrokes(strokes: readonly Stroke[]): void
  onImage(file: Blob): void
}

/** A row of things to try: strokes for digits, images for others. */
export class Examples {
  readonly #parent: HTMLElement
  readonly #listener: Listener
  /** Counts what is shown, so that a sheet that comes late is not. */
  #turn = 0

  constructor(parent: HTMLElement, listener: Listener) {
    this.#parent = parent
    this.#listener = listener
  }

  showNone(): void {
    this.#turn++
    this.#parent.replaceChildren()
  }

  showDigits(): void {
    this.#turn++
    const buttons = exampleDigits.map((strokes, digit) => {
      const button = buttonFor(`Draw a ${digit}`, () => this.#listener.onStrokes(strokes))
      button.textContent = `${digit}`
      return button
    })
    this.#parent.replaceChildren(...buttons)
  }

  /** As if it had been clicked. */
  chooseLast(): void {
    const last = this.#parent.lastElementChild
    if (last instanceof HTMLButtonElement) last.click()
  }

  /**
   * @param url of an image with a square for each class
   * @returns whether they are shown
   */
  async showImages(url: string, classes: readonly string[]): Promise<boolean> {
    const turn = ++this.#turn
    const response = await fetch(url).catch(() => undefined)
    const sheet = response?.ok ? await createImageBitmap(await response.blob()) : undefined
    if (turn !== this.#turn) return false
    // Without examples the page does all the same.
    if (!sheet) {
      this.#parent.replaceChildren()
      return false
    }
    const buttons = classes.map((name, i) => {
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = sheet.height
      canvas.getContext('2d')!.drawImage(sheet, -i * sheet.height, 0)
      const button = buttonFor(name, () => canvas.toBlob((blob) => blob && this.#listener.onImage(blob)))
      button.title = name
      button.append(canvas)
      return button
    })
    this.#parent.replaceChildren(...buttons)
    return true
  }
}

function buttonFor(label: string, onClick: () => void): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.setAttribute('aria-label', label)
  button.addEventListener('click', onClick)
  return button
}
