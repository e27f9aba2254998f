/** A point of the pad, from 0 to 1 in both directions. */
export type Point = readonly [x: number, y: number]

/** A line that was drawn without lifting the pen. */
export type Stroke = readonly Point[]

/** The pen, as a share of the pad: of a digit that fills it, as thick as a felt pen's in the images of MNIST. */
const PEN = 0.075

/** Pixels a side of what is classified. */
const SMALL = 140

/** How far an arrow key moves the pen. */
const STEP = 0.025

/** A canvas to draw on: with mouse, finger or pen, or with the keys. */
export class DrawingPad {
  readonly canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  /** Is read back, unlike what is shown. */
  readonly #small: CanvasRenderingContext2D
  readonly #onChange: () => void
  #strokes: Point[][] = []
  #current: Point[] | undefined
  /** Where the keys have moved the pen to; undefined until they are used. */
  #cursor: [number, number] | undefined
  #picture: ImageBitmap | undefined

  /** @param onChange called when something was drawn or taken away */
  constructor(canvas: HTMLCanvasElement, onChange: () => void) {
    this.canvas = canvas
    this.#context = canvas.getContext('2d')!
    const small = document.createElement('canvas')
    small.width = small.height = SMALL
    this.#small = small.getContext('2d', { willReadFrequently: true })!
    this.#onChange = onChange
    canvas.addEventListener('pointerdown', (event) => this.#down(event))
    canvas.addEventListener('pointermove', (event) => this.#move(event))
    for (const name of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(name, () => (this.#current = undefined))
    canvas.addEventListener('keydown', (event) => this.#key(event))
    canvas.addEventListener('blur', () => {
      this.#cursor = this.#current = undefined
      this.#draw()
    })
    this.#draw()
  }

  get isEmpty(): boolean {
    return this.#strokes.length === 0
  }

  /** Shows an image in place of strokes; undefined: strokes again. */
  set picture(picture: ImageBitmap | undefined) {
    this.#picture?.close()
    this.#picture = picture
    this.#draw()
  }

  get strokes(): readonly Stroke[] {
    return this.#strokes
  }

  set strokes(strokes: readonly Stroke[]) {
    this.#strokes = strokes.map((stroke) => [...stroke])
    this.#current = undefined
    this.#changed()
  }

  undo(): void {
    this.#strokes.pop()
    this.#current = undefined
    this.#changed()
  }

  /** What is drawn, without the cursor, small enough to be sent as often as it changes. */
  pixels(): ImageData {
    this.#paint(this.#small, SMALL)
    return this.#small.getImageData(0, 0, SMALL, SMALL)
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || this.#picture) return
    this.canvas.setPointerCapture(event.pointerId)
    this.#cursor = undefined
    this.#current = [this.#pointOf(event)]
    this.#strokes.push(this.#current)
    this.#changed()
  }

  #move(event: PointerEvent): void {
    if (!this.#current || this.#cursor) return
    // What was between two frames belongs to the line, too.
    const events = event.getCoalescedEvents?.() ?? []
    for (const each of events.length > 0 ? events : [event]) this.#current.push(this.#pointOf(each))
    this.#changed()
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#picture) return
    const direction = directions[event.key]
    if (direction) {
      const [x, y] = this.#cursor ?? [0.5, 0.5]
      const reach = event.shiftKey ? 2 * STEP : STEP
      this.#cursor = [within(x + reach * direction[0]), within(y + reach * direction[1])]
      this.#current?.push(this.#cursor)
    } else if (event.key === ' ') {
      this.#cursor ??= [0.5, 0.5]
      if (event.repeat) return event.preventDefault()
      if (this.#current) this.#current = undefined
      else this.#strokes.push((this.#current = [this.#cursor]))
    } else if (event.key === 'Backspace' || event.key === 'Delete') {
      event.preventDefault()
      return this.undo()
    } else return
    event.preventDefault()
    this.#changed()
  }

  #pointOf({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.canvas.getBoundingClientRect()
    return [within((clientX - left) / width), within((clientY - top) / height)]
  }

  #changed(): void {
    this.#draw()
    this.#onChange()
  }

  #draw(): void {
    const { width } = this.canvas
    this.#paint(this.#context, width)
    if (this.#cursor) this.#drawCursor(width)
  }

  #paint(context: CanvasRenderingContext2D, size: number): void {
    context.fillStyle = '#fff'
    context.fillRect(0, 0, size, size)
    if (this.#picture) {
      const { width, height } = this.#picture
      const scale = size / Math.max(width, height)
      const [w, h] = [width * scale, height * scale]
      context.drawImage(this.#picture, (size - w) / 2, (size - h) / 2, w, h)
      return
    }
    context.strokeStyle = context.fillStyle = '#141a26'
    context.lineWidth = PEN * size
    context.lineCap = context.lineJoin = 'round'
    for (const stroke of this.#strokes) {
      context.beginPath()
      for (const [x, y] of stroke) context.lineTo(x * size, y * size)
      // A point is a line without length, which has round ends all the same.
      if (stroke.length === 1) context.lineTo(stroke[0]![0] * size, stroke[0]![1] * size)
      context.stroke()
    }
  }

  /** A ring where the pen is; filled when it is down. */
  #drawCursor(size: number): void {
    const [x, y] = this.#cursor!
    const context = this.#context
    context.beginPath()
    context.arc(x * size, y * size, (PEN * size) / 2, 0, 2 * Math.PI)
    context.lineWidth = 4
    context.strokeStyle = '#2f62cc'
    context.fillStyle = this.#current ? '#2f62cc' : '#2f62cc30'
    context.fill()
    context.stroke()
  }
}

const directions: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share))
}
