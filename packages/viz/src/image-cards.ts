import { escapeHTML } from './html.ts'

/** An image of a page, with what is said of it. */
export interface ImageCard {
  /** Where the image is; `imageURIs` makes such out of tensors. */
  readonly uri: string
  /** What the image shows, for those who do not see it. */
  readonly alt?: string
  /** A line below it: HTML that is put in as it is. */
  readonly caption?: string
  /** What is shown when it is pointed at. */
  readonly tip?: string
}

/** How cards are laid out. */
export interface ImageCardsOptions {
  /** A line above all of them. */
  readonly title?: string
  /** The least width of an image, in pixels; default 72. */
  readonly width?: number
}

/** Images in as many columns as the page has room for, as HTML for a section of it. */
export function imageCards(cards: readonly ImageCard[], options: ImageCardsOptions = {}): string {
  const { title, width = 72 } = options
  const figures = cards.map(({ uri, alt = '', caption, tip }) => {
    const image = `<img src="${escapeHTML(uri)}" alt="${escapeHTML(alt)}">`
    const below = caption === undefined ? '' : `<figcaption>${caption}</figcaption>`
    return `<figure${tip === undefined ? '' : ` title="${escapeHTML(tip)}"`}>${image}${below}</figure>`
  })
  const heading = title === undefined ? '' : `<h3>${escapeHTML(title)}</h3>`
  return `<div class="images">${heading}<div style="--least: ${width}px">${figures.join('\n')}</div></div>`
}
