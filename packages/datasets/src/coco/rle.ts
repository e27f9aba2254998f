import type { Image } from '@badak/images'
import { FormatError, ShapeError } from '@badak/tensor'

/**
 * A mask as COCO has it: the lengths of its runs, column by column from the top left, of pixels outside and inside in turn,
 * beginning outside. `counts` are numbers, or the text that COCO makes of them.
 */
export interface RLE {
  readonly size: readonly [height: number, width: number]
  readonly counts: readonly number[] | string
}

/** Whose runs are numbers. */
export interface Runs extends RLE {
  readonly counts: readonly number[]
}

/** How masks are put together. */
export interface MergeOptions {
  /** What all of them have (true), or what any of them has (default). */
  readonly intersect?: boolean
}

/** Pillow's limit for images. */
const MAX_PIXELS = 89_478_485

/**
 * The runs of a mask.
 *
 * @param mask one channel; what is not 0 is inside
 * @throws ShapeError when the mask has more channels
 *
 * @example
 * ```ts
 * const { size, counts } = encodeRLE(mask)
 * ```
 */
export function encodeRLE({ width, height, channels, data }: Image): Runs {
  if (channels !== 1) throw new ShapeError(`encodeRLE: a mask has one channel: ${channels}`)
  const counts: number[] = []
  let [inside, run] = [false, 0]
  for (let x = 0; x < width; x++) {
    for (let i = x; i < data.length; i += width) {
      if ((data[i] !== 0) !== inside) {
        counts.push(run)
        run = 0
        inside = !inside
      }
      run++
    }
  }
  counts.push(run)
  return { size: [height, width], counts }
}

/**
 * The mask of runs, 1 inside and 0 outside.
 *
 * @throws FormatError when the runs are not as many pixels as the size says, or more than an image may have
 *
 * @example
 * ```ts
 * const mask = decodeRLE({ size: [2, 2], counts: [1, 2, 1] })
 * ```
 */
export function decodeRLE(rle: RLE): Image {
  const { size, counts } = runsOf(rle, 'decodeRLE')
  const [height, width] = size
  const data = new Uint8Array(height * width)
  let [x, y] = [0, 0]
  for (const [i, count] of counts.entries()) {
    // By columns in the runs, by rows in the mask.
    for (let left = count; left > 0;) {
      const stretch = Math.min(left, height - y)
      if (i % 2 === 1) for (let j = y; j < y + stretch; j++) data[j * width + x] = 1
      left -= stretch
      y += stretch
      if (y === height) {
        y = 0
        x++
      }
    }
  }
  return { width, height, channels: 1, data }
}

/**
 * How many pixels are inside.
 *
 * @throws FormatError when the runs are none
 *
 * @example
 * ```ts
 * console.log(rleArea({ size: [2, 2], counts: [1, 2, 1] })) // 2
 * ```
 */
export function rleArea(rle: RLE): number {
  return runsOf(rle, 'rleArea').counts.reduce((sum, count, i) => (i % 2 === 1 ? sum + count : sum), 0)
}

/**
 * The smallest box about the pixels inside: left, top, right and bottom edges; zeros when there are none.
 *
 * @throws FormatError when the runs are none
 *
 * @example
 * ```ts
 * console.log(rleBox({ size: [2, 2], counts: [1, 2, 1] })) // [ 0, 0, 2, 2 ]
 * ```
 */
export function rleBox(rle: RLE): [left: number, top: number, right: number, bottom: number] {
  const {
    size: [height, width],
    counts,
  } = runsOf(rle, 'rleBox')
  const box: [number, number, number, number] = [width, height, 0, 0]
  for (let i = 1, at = counts[0] ?? 0; i < counts.length; i++) {
    const [start, count] = [at, counts[i]!]
    at += count
    if (i % 2 === 0 || count === 0) continue
    const [first, last] = [start, at - 1]
    const [x0, x1] = [Math.floor(first / height), Math.floor(last / height)]
    box[0] = Math.min(box[0], x0)
    box[2] = Math.max(box[2], x1 + 1)
    // A run that goes on in the next column has the last and the first pixel of one.
    box[1] = Math.min(box[1], x0 < x1 ? 0 : first % height)
    box[3] = Math.max(box[3], x0 < x1 ? height : (last % height) + 1)
  }
  return box[2] === 0 ? [0, 0, 0, 0] : box
}

/**
 * Masks put together, of one size.
 *
 * @throws ShapeError when they differ in size, or there are none
 * @throws FormatError when the runs are none
 *
 * @example
 * ```ts
 * const both = mergeRLE([first, second], { intersect: true })
 * ```
 */
export function mergeRLE(masks: readonly RLE[], { intersect = false }: MergeOptions = {}): Runs {
  const [first, ...others] = masks.map((mask) => runsOf(mask, 'mergeRLE'))
  if (first === undefined) throw new ShapeError('mergeRLE: there are no masks')
  return others.reduce((merged, { size, counts }) => {
    if (size[0] !== first.size[0] || size[1] !== first.size[1])
      throw new ShapeError(`mergeRLE: sizes differ: ${first.size.join('x')} and ${size.join('x')}`)
    return { size: merged.size, counts: mergeTwo(merged.counts, counts, intersect) }
  }, first)
}

function mergeTwo(a: readonly number[], b: readonly number[], intersect: boolean): number[] {
  const counts: number[] = []
  let [i, j, leftOfA, leftOfB] = [0, 0, a[0] ?? 0, b[0] ?? 0]
  let [inside, run] = [false, 0]
  for (;;) {
    while (leftOfA === 0 && i + 1 < a.length) leftOfA = a[++i]!
    while (leftOfB === 0 && j + 1 < b.length) leftOfB = b[++j]!
    const stretch = Math.min(leftOfA, leftOfB)
    if (stretch === 0) break
    const [inA, inB] = [i % 2 === 1, j % 2 === 1]
    const now = intersect ? inA && inB : inA || inB
    if (now !== inside) {
      counts.push(run)
      run = 0
      inside = now
    }
    run += stretch
    leftOfA -= stretch
    leftOfB -= stretch
  }
  counts.push(run)
  return counts
}

/**
 * The text that COCO writes for runs: differences to the run before the last, five bits a character.
 *
 * @throws FormatError when the runs are none
 *
 * @example
 * ```ts
 * const { counts } = compressRLE(encodeRLE(mask))
 * ```
 */
export function compressRLE(rle: RLE): RLE & { readonly counts: string } {
  const { size, counts } = runsOf(rle, 'compressRLE')
  let text = ''
  for (const [i, count] of counts.entries()) {
    let rest = i > 2 ? count - counts[i - 2]! : count
    for (let more = true; more;) {
      let bits = rest & 0x1f
      rest >>= 5
      // The highest bit is the sign of what is not written.
      more = bits & 0x10 ? rest !== -1 : rest !== 0
      if (more) bits |= 0x20
      text += String.fromCharCode(bits + 48)
    }
  }
  return { size, counts: text }
}

/** Checks runs, and reads them if they are a text. @throws FormatError `what: …` */
export function runsOf({ size, counts }: RLE, what: string): Runs {
  const [height, width] = size
  const sides = [height, width].every((side) => Number.isInteger(side) && side > 0)
  if (!sides || size.length !== 2)
    throw new FormatError(`${what}: the size of a mask is its height and width: [${size}]`)
  if (height * width > MAX_PIXELS)
    throw new FormatError(`${what}: ${height}x${width} pixels are more than ${MAX_PIXELS}`)
  const runs = typeof counts === 'string' ? parseCounts(counts, what) : counts
  let total = 0
  for (const [i, count] of runs.entries()) {
    if (!Number.isInteger(count) || count < 0)
      throw new FormatError(`${what}: a run is a count of pixels: ${count} (run ${i})`)
    total += count
  }
  if (total !== height * width)
    throw new FormatError(
      `${what}: the runs have ${total} pixels, a mask of ${height}x${width} has ${height * width}`,
    )
  return { size, counts: runs }
}

function parseCounts(text: string, what: string): number[] {
  const counts: number[] = []
  for (let at = 0; at < text.length;) {
    let [value, shift, more] = [0, 0, true]
    while (more) {
      const bits = text.charCodeAt(at) - 48
      if (!(bits >= 0 && bits < 64) || shift > 30)
        throw new FormatError(
          `${what}: the text of runs is broken, or cut off (character ${at} of ${text.length})`,
        )
      value |= (bits & 0x1f) << shift
      more = (bits & 0x20) !== 0
      shift += 5
      at++
      if (!more && bits & 0x10 && shift < 32) value |= -1 << shift
    }
    counts.push(counts.length > 2 ? value + counts.at(-2)! : value)
  }
  return counts
}
