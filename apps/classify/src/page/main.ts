import type { Guess } from '../classifier.ts'
import type { Description } from '../description.ts'
import { Examples } from './examples.ts'
import { exampleDigits } from './example-digits.ts'
import { DrawingPad } from './drawing-pad.ts'
import { element } from './element.ts'
import { connectFiles, readPreview } from './file-input.ts'
import { GuessList, percent } from './guess-list.ts'
import { LayerMaps } from './layer-maps.ts'
import { type ChosenNetwork, NetworkPicker } from './network-picker.ts'
import { offeredNetworks } from './offered-networks.ts'
import { paint, paintHeatOver, paintOver } from './paint.ts'
import type { Answer, Sight } from './protocol.ts'
import { Viewer } from './viewer.ts'

/** The page: what is drawn or dropped goes to the viewer, what it sees is shown. */
class Page {
  readonly #viewer = new Viewer({
    onOpened: (opened) => this.#opened(opened),
    onSight: (sight) => this.#show(sight),
    onBlank: () => this.#blank(),
    onFailure: (message, opens) => this.#fail(message, opens),
  })
  readonly #pad = new DrawingPad(element('pad', HTMLCanvasElement), () => this.#drawn())
  readonly #networks = new NetworkPicker(
    element('network', HTMLSelectElement),
    element('checkpoint', HTMLInputElement),
    (network) => this.#open(network),
  )
  readonly #guesses = new GuessList(element('guesses', HTMLOListElement), (label) => this.#explain(label))
  readonly #examples = new Examples(element('examples', HTMLElement), {
    onStrokes: (strokes) => {
      if (this.#mode !== 'draw') this.#setMode('draw')
      this.#pad.strokes = strokes
    },
    onImage: (file) => void this.#useFile(file),
  })
  readonly #maps = new LayerMaps(element('layers', HTMLDivElement))
  /** The class to be explained, if one was chosen. */
  #target: number | undefined
  #file: Blob | undefined
  /** What is being opened; until it is, nothing is asked. */
  #opening: ChosenNetwork | undefined
  #mode: 'draw' | 'image' = 'draw'
  #drawing = 'Draw a digit'
  #classes: readonly string[] = []

  start(): void {
    this.#connectTools()
    connectFiles(element('file', HTMLInputElement), (file) => void this.#useFile(file))
    this.#guesses.clear()
    this.#open(offeredNetworks[0]!)
  }

  #open(network: ChosenNetwork): void {
    this.#opening = network
    this.#say('loading')
    this.#viewer.open(network instanceof File ? network : network.url)
  }

  #opened({ description, parameters, threads }: Extract<Answer, { kind: 'opened' }>): void {
    this.#networks.confirm()
    this.#calm()
    this.#maps.reset()
    this.#classes = description.classes
    this.#say('ready')
    const count = parameters.toLocaleString('en')
    element('facts', HTMLElement).textContent =
      `This network: ${description.model}, ${count} parameters, ${description.classes.length} classes; ` +
      `${threads === 1 ? 'one thread' : `${threads} threads`} of WebAssembly in a worker.`
    this.#drawing = description.preparation === 'digit' ? 'Draw a digit' : 'Draw a garment'
    void this.#showExamples(description, this.#opening)
    this.#opening = undefined
    this.#setMode(description.preparation === 'digit' ? 'draw' : 'image')
    element('mode-draw', HTMLButtonElement).disabled = description.preparation === 'photo'
    if (this.#mode === 'draw' && this.#pad.isEmpty) this.#pad.strokes = exampleDigits[7]!
    else this.#drawn()
  }

  /** Something else is to be looked at. */
  #drawn(): void {
    this.#target = undefined
    this.#look()
  }

  #look(): void {
    if (this.#opening || this.#classes.length === 0) return
    if (this.#mode === 'image') {
      if (this.#file) this.#viewer.look({ kind: 'file', file: this.#file }, this.#target)
      else this.#blank()
      return
    }
    element('pad-frame', HTMLElement).classList.toggle('marked', !this.#pad.isEmpty)
    element('undo', HTMLButtonElement).disabled = element('clear', HTMLButtonElement).disabled =
      this.#pad.isEmpty
    if (this.#pad.isEmpty) {
      this.#viewer.cancel()
      this.#blank()
      return
    }
    const { width, height, data } = this.#pad.pixels()
    this.#viewer.look({ kind: 'pixels', width, height, rgba: data.buffer }, this.#target)
  }

  /** Shows what speaks for another class. */
  #explain(label: number): void {
    this.#target = label
    this.#look()
  }

  #show(sight: Sight): void {
    const { guesses, target, input, heat, layers, took } = sight
    this.#guesses.show(guesses, target)
    const name = this.#classes[target]!
    paint(element('seen', HTMLCanvasElement), input)
    const cam = element('cam', HTMLCanvasElement)
    paint(cam, input)
    paintOver(cam, heat)
    cam.setAttribute('aria-label', `Grad-CAM: where the network sees what speaks for ${name}`)
    element('cam-caption', HTMLElement).textContent = `What speaks for ${name}`
    const overlay = element('heat', HTMLCanvasElement)
    paintHeatOver(overlay, sight)
    this.#maps.show(layers)
    this.#say(`${took < 10 ? took.toFixed(1) : Math.round(took)} ms`)
    element('verdict', HTMLElement).textContent = `${guesses[0]!.name} · ${percent(guesses[0]!.probability)}`
    this.#speak(guesses)
  }

  #blank(): void {
    this.#guesses.clear()
    this.#maps.clear()
    for (const id of ['seen', 'cam', 'heat']) {
      const canvas = element(id, HTMLCanvasElement)
      canvas.getContext('2d')!.clearRect(0, 0, canvas.width, canvas.height)
    }
    for (const id of ['spoken', 'verdict']) element(id, HTMLElement).textContent = ''
    element('cam-caption', HTMLElement).textContent = 'What the answer rests on'
    this.#say(this.#opening ? 'loading' : 'ready')
  }

  #setMode(mode: 'draw' | 'image'): void {
    this.#mode = mode
    const draws = mode === 'draw'
    element('mode-draw', HTMLButtonElement).setAttribute('aria-pressed', `${draws}`)
    element('mode-image', HTMLButtonElement).setAttribute('aria-pressed', `${!draws}`)
    element('input-title', HTMLElement).textContent = draws ? this.#drawing : 'Drop an image'
    for (const id of ['undo', 'clear', 'pad-hint', 'placeholder']) element(id, HTMLElement).hidden = !draws
    element('pad', HTMLCanvasElement).tabIndex = draws ? 0 : -1
    if (draws) this.#pad.picture = undefined
    this.#updateDrop()
  }

  #updateDrop(): void {
    const image = this.#mode === 'image'
    const chosen = image && this.#file !== undefined
    element('drop', HTMLElement).hidden = !image || chosen
    element('choose', HTMLElement).hidden = !chosen
    const { classList } = element('pad-frame', HTMLElement)
    classList.toggle('choosing', image && !chosen)
    classList.toggle('pictured', chosen)
  }

  async #useFile(file: Blob): Promise<void> {
    if (file instanceof File && file.name.endsWith('.safetensors')) return this.#networks.choose(file)
    const preview = await readPreview(file)
    if (!preview) return this.#warn('This file is no image that the browser can read.')
    this.#calm()
    this.#file = file
    this.#setMode('image')
    this.#pad.picture = preview
    this.#drawn()
  }

  #connectTools(): void {
    element('choose', HTMLButtonElement).addEventListener('click', () =>
      element('file', HTMLInputElement).click(),
    )
    element('undo', HTMLButtonElement).addEventListener('click', () => this.#pad.undo())
    element('clear', HTMLButtonElement).addEventListener('click', () => (this.#pad.strokes = []))
    element('mode-draw', HTMLButtonElement).addEventListener('click', () => {
      this.#setMode('draw')
      this.#drawn()
    })
    element('mode-image', HTMLButtonElement).addEventListener('click', () => {
      this.#file = undefined
      this.#setMode('image')
      this.#drawn()
    })
    const heat = element('show-heat', HTMLInputElement)
    heat.addEventListener('change', () => {
      element('heat', HTMLCanvasElement).hidden = !heat.checked
    })
  }

  /** Things to try that suit the network. */
  async #showExamples(
    { preparation, classes }: Description,
    network: ChosenNetwork | undefined,
  ): Promise<void> {
    const sheet = network instanceof File ? undefined : network?.examples
    if (preparation === 'digit') this.#examples.showDigits()
    else if (sheet === undefined) this.#examples.showNone()
    // Rather the last of them than nothing.
    else if ((await this.#examples.showImages(sheet, classes)) && !this.#file) this.#examples.chooseLast()
  }

  #say(status: string): void {
    element('status', HTMLElement).textContent = status
  }

  #spoken: ReturnType<typeof setTimeout> | undefined
  /** Told to screen readers when the drawing rests. */
  #speak([first]: readonly Guess[]): void {
    clearTimeout(this.#spoken)
    this.#spoken = setTimeout(() => {
      if (first) element('spoken', HTMLElement).textContent = `${first.name}, ${percent(first.probability)}`
    }, 700)
  }

  /** @param opens whether it was a network that could not be opened */
  #fail(message: string, opens: boolean): void {
    if (!opens) {
      this.#warn(message)
      return this.#blank()
    }
    this.#warn(`${this.#opening?.name ?? 'The network'} cannot be opened. ${message}`)
    this.#opening = undefined
    this.#networks.revert()
    this.#say(this.#classes.length > 0 ? 'ready' : 'no network')
  }

  #alarm: ReturnType<typeof setTimeout> | undefined
  #warn(message: string): void {
    const alert = element('alert', HTMLElement)
    alert.textContent = message
    alert.hidden = false
    clearTimeout(this.#alarm)
    this.#alarm = setTimeout(() => this.#calm(), 8000)
  }

  /** What went wrong is over. */
  #calm(): void {
    element('alert', HTMLElement).hidden = true
  }
}

new Page().start()
