import { FormatError } from '@badak/tensor'
import { type Corners, checkBox } from '../published/boxes.ts'
import type { Attempt } from '../broken/policy.ts'
import { vocClasses } from './classes.ts'

/** What the annotators noted of an object, besides its class and its box. */
export interface VocObject {
  /** Hard to recognise; the challenge does not count it, found or not. */
  readonly difficult: boolean
  /** The box does not hold all of it. */
  readonly truncated: boolean
  /** Something is before it. */
  readonly occluded: boolean
  /** From where it is seen: `Left`, `Right`, `Frontal`, `Rear`, `Unspecified`. */
  readonly pose: string
}

/** The objects of an image. */
export interface VocAnnotation {
  readonly width: number
  readonly height: number
  readonly boxes: Float32Array
  readonly labels: Int32Array
  readonly objects: readonly VocObject[]
}

/** An element as the parser gives it: a text, or its children. */
type Element = string | { readonly [name: string]: Element | readonly Element[] } | undefined

/** More than a hundred times the longest one. */
const MAX_TEXT = 2 ** 20

/**
 * The annotation of an image, in XML. Boxes count pixels from 1, and their last one belongs to them; here they are
 * edges: `[xmin − 1, ymin − 1, xmax, ymax]`.
 *
 * @param what names the file in errors: `voc: VOC2007/Annotations/000001.xml`
 * @param attempt is made of each object
 * @throws FormatError when it is no XML, or lacks something
 */
export async function parseAnnotation(text: string, what: string, attempt: Attempt): Promise<VocAnnotation> {
  const root = await parse(text, what)
  const size = { width: sideOf(root, 'width', what), height: sideOf(root, 'height', what) }
  const objects = listOf(root, 'object').flatMap((element, i) => {
    const found = attempt(`${what}: object ${i}`, () => objectOf(element, `${what}: object ${i}`, size))
    return found === undefined ? [] : [found]
  })
  return {
    ...size,
    boxes: Float32Array.from(objects.flatMap(({ box }) => [...box])),
    labels: Int32Array.from(objects, ({ label }) => label),
    objects: objects.map(({ notes }) => notes),
  }
}

async function parse(text: string, what: string): Promise<Element> {
  const { XMLParser, XMLValidator } = await import('fast-xml-parser')
  if (text.length > MAX_TEXT)
    throw new FormatError(`${what}: ${text.length} characters; at most ${MAX_TEXT} are read`)
  // Entities can make much of little, and no annotation has any.
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new FormatError(`${what}: a document type is not read`)
  const valid = XMLValidator.validate(text)
  if (valid !== true) throw new FormatError(`${what}: no XML: ${valid.err.msg} (line ${valid.err.line})`)
  const parser = new XMLParser({ parseTagValue: false, ignoreAttributes: true, processEntities: false })
  const document = parser.parse(text) as { readonly annotation?: Element }
  if (typeof document.annotation !== 'object')
    throw new FormatError(`${what}: there is no <annotation> in it`)
  return document.annotation
}

function objectOf(
  element: Element,
  what: string,
  size: { readonly width: number; readonly height: number },
): { readonly label: number; readonly box: Corners; readonly notes: VocObject } {
  const name = textOf(element, 'name') ?? missing(what, 'name')
  const label = (vocClasses as readonly string[]).indexOf(name)
  if (label < 0) throw new FormatError(`${what}: unknown class: ${JSON.stringify(name)}`)
  const [bounds] = listOf(element, 'bndbox')
  const side = (tag: string): number => numberOf(bounds, tag, what)
  const corners = [side('xmin') - 1, side('ymin') - 1, side('xmax'), side('ymax')] as const
  const flag = (tag: string): boolean => {
    const value = textOf(element, tag) ?? '0'
    if (value !== '0' && value !== '1') throw new FormatError(`${what}: <${tag}> is 0 or 1: ${value}`)
    return value === '1'
  }
  const notes = {
    difficult: flag('difficult'),
    truncated: flag('truncated'),
    occluded: flag('occluded'),
    pose: textOf(element, 'pose') ?? 'Unspecified',
  }
  return { label, box: checkBox(`${what} (${name})`, corners, size), notes }
}

function sideOf(root: Element, tag: string, what: string): number {
  const value = numberOf(listOf(root, 'size')[0], tag, what)
  if (!Number.isInteger(value) || value < 1)
    throw new FormatError(`${what}: <${tag}> is a count of pixels: ${value}`)
  return value
}

function numberOf(element: Element, tag: string, what: string): number {
  const text = textOf(element, tag) ?? missing(what, tag)
  const value = text === '' ? NaN : Number(text)
  if (!Number.isFinite(value)) throw new FormatError(`${what}: <${tag}> is a number: ${JSON.stringify(text)}`)
  return value
}

function textOf(element: Element, tag: string): string | undefined {
  const [child] = listOf(element, tag)
  return typeof child === 'string' ? child : undefined
}

function listOf(element: Element, tag: string): readonly Element[] {
  if (typeof element !== 'object' || !Object.hasOwn(element, tag)) return []
  const child: unknown = element[tag]
  return Array.isArray(child) ? (child as readonly Element[]) : [child as Element]
}

function missing(what: string, tag: string): never {
  throw new FormatError(`${what}: there is no <${tag}>`)
}
