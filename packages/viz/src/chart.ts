import { createDocument } from '#dom'

/**
 * A picture that has not been drawn yet: as text for a file or a server, as an element for a page.
 *
 * @example
 * ```ts
 * await writeFile('loss.svg', lossCurves(history).toSVG())
 * document.body.append(lossCurves(history).toElement())
 * ```
 */
export class Chart {
  readonly #draw: (document: Document) => Element

  /** @param draw makes an SVG element */
  constructor(draw: (document: Document) => Element) {
    this.#draw = draw
  }

  /** An SVG element, to be put into `document`; default: that of the page. */
  toElement(document: Document = createDocument()): Element {
    return this.#draw(document)
  }

  /** SVG as text: a file of its own, or a part of an HTML page. */
  toSVG(): string {
    const element = this.toElement(createDocument())
    if (!element.getAttribute('xmlns')) element.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
    return element.outerHTML
  }
}

/** Colours that those who see few of them tell apart, too, on white and on dark grey. */
export const palette = [
  '#3b6fd8',
  '#e2632f',
  '#1f9d6b',
  '#a34fc7',
  '#b58a15',
  '#0f8fa3',
  '#d13c6a',
  '#77808f',
] as const

/** How large a chart is, in pixels. */
export interface ChartSize {
  readonly width?: number
  readonly height?: number
}
