import type { Tensor } from '@badak/tensor'
import { escapeHTML, imageCards, type ImageOptions, imageURIs, type Section } from '@badak/viz'
import type { Answer } from './answers.ts'
import { grouped, percent } from './numbers.ts'

/** Mistakes that are shown; all of them are counted. */
const SHOWN = 120

/** What was asked, in the order of the answers. */
export interface Questions extends ImageOptions {
  readonly labels: ArrayLike<number>
  /** Some of the images: `[N, H, W]`, or `[N, C, H, W]`. */
  readonly images: (indices: readonly number[]) => Tensor | Promise<Tensor>
  /** Names of the classes; default: their numbers. */
  readonly classes?: readonly string[]
  /** The least width of an image on the page, in pixels. */
  readonly width?: number
}

/** The images that were not recognised, those that the network was surest of first. */
export async function mistakes(answers: readonly Answer[], questions: Questions): Promise<Section> {
  const { labels, images, classes, range, width } = questions
  const wrong = [...answers.entries()]
    .filter(([i, { digit }]) => digit !== labels[i])
    .toSorted(([, a], [, b]) => b.sureness - a.sureness)
  const title = `${grouped(wrong.length)} mistake${wrong.length === 1 ? '' : 's'}`
  if (wrong.length === 0) return { title, text: 'None.', content: [] }
  const nameOf = (label: number): string => escapeHTML(classes?.[label] ?? `${label}`)
  const shown = wrong.slice(0, SHOWN)
  const uris = await imageURIs(await images(shown.map(([i]) => i)), range === undefined ? {} : { range })
  const cards = shown.map(([i, { digit, sureness }], place) => ({
    uri: uris[place]!,
    alt: `a ${classes?.[labels[i]!] ?? labels[i]}`,
    tip: `image ${i}`,
    caption:
      `<b>${nameOf(labels[i]!)}</b> → <b class="wrong">${nameOf(digit)}</b>` +
      `<small>${percent(sureness, 0)}</small>`,
  }))
  const hidden = wrong.length > SHOWN ? ` The ${SHOWN} it was surest of:` : ''
  return {
    title,
    text: `What it is → what it was taken for, and how sure the network was of that.${hidden}`,
    content: [imageCards(cards, width === undefined ? {} : { width })],
  }
}
