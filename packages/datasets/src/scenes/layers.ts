import { COVERED, type Patch } from './draw-sprite.ts'
import type { Canvas } from './canvas.ts'

/** A rectangle in pixels: left, top, right and bottom edges, so that right − left is its width. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number]

/** The objects of a scene, from the back to the front, and what of them is seen. */
export class Layers {
  readonly width: number
  readonly height: number
  /** Which object is seen at each pixel, from 1; 0 is the background. */
  readonly owners: Uint8Array
  /** Pixels that are seen of each object, and those that it has, both from 1. */
  readonly #visible: number[] = [0]
  readonly #areas: number[] = [0]
  readonly #most: number
  /** Pixels of each object that the one being placed would hide. */
  readonly #hidden = new Int32Array(256)

  /** @param occlusion the most that may be hidden of an object */
  constructor(width: number, height: number, occlusion: number) {
    this.width = width
    this.height = height
    this.owners = new Uint8Array(width * height)
    this.#most = occlusion
  }

  /** Whether an object may be put in front of the others with its centre in pixel (x, y): enough of all is seen. */
  fits(patch: Patch, x: number, y: number): boolean {
    const count = this.#areas.length
    const hidden = this.#hidden.fill(0, 0, count)
    let inside = 0
    this.#each(patch, x, y, (pixel) => {
      hidden[this.owners[pixel]!]!++
      inside++
    })
    if (inside === 0 || inside < patch.area * (1 - this.#most)) return false
    for (let object = 1; object < count; object++) {
      const left = this.#visible[object]! - hidden[object]!
      if (hidden[object]! > 0 && (left === 0 || left < this.#areas[object]! * (1 - this.#most))) return false
    }
    return true
  }

  /** Puts an object in front of the others. Returns its number, from 1. */
  add(patch: Patch, x: number, y: number): number {
    const object = this.#areas.length
    this.#visible.push(0)
    this.#areas.push(patch.area)
    this.#each(patch, x, y, (pixel) => {
      this.#visible[this.owners[pixel]!]!--
      this.owners[pixel] = object
      this.#visible[object]!++
    })
    return object
  }

  /** How many pixels of an object are seen. */
  areaOf(object: number): number {
    return this.#visible[object]!
  }

  /** How much of an object is seen, from 0 to 1. */
  visibilityOf(object: number): number {
    return this.#visible[object]! / this.#areas[object]!
  }

  /** The pixels of the scene that an object covers. */
  #each(patch: Patch, x: number, y: number, visit: (pixel: number) => void): void {
    const { left, top, right, bottom } = within(patch, x, y, this)
    for (let row = top; row < bottom; row++) {
      const line = ((row - y - patch.top) * patch.width - x - patch.left) * 4 + 3
      for (let column = left; column < right; column++) {
        if (patch.data[line + column * 4]! >= COVERED) visit(row * this.width + column)
      }
    }
  }
}

/** The part of a patch that is in the scene, its centre in pixel (x, y). */
function within(patch: Patch, x: number, y: number, { width, height }: { width: number; height: number }) {
  return {
    left: Math.max(0, x + patch.left),
    top: Math.max(0, y + patch.top),
    right: Math.min(width, x + patch.left + patch.width),
    bottom: Math.min(height, y + patch.top + patch.height),
  }
}

/** Paints an object over what is there: `ground · (1 − alpha) + colour · alpha`. */
export function blend(canvas: Canvas, patch: Patch, x: number, y: number): void {
  const { pixels, width } = canvas
  const { left, top, right, bottom } = within(patch, x, y, canvas)
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const from = ((row - y - patch.top) * patch.width + column - x - patch.left) * 4
      const alpha = patch.data[from + 3]!
      if (alpha === 0) continue
      const to = (row * width + column) * 3
      for (let c = 0; c < 3; c++) pixels[to + c] = pixels[to + c]! * (1 - alpha) + patch.data[from + c]!
    }
  }
}

/** Darkens what an object's shadow falls on; the shadow has the object's form, moved by (dx, dy) pixels. */
export function castShadow(canvas: Canvas, patch: Patch, x: number, y: number, strength: number): void {
  const { pixels, width } = canvas
  const { left, top, right, bottom } = within(patch, x, y, canvas)
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const from = ((row - y - patch.top) * patch.width + column - x - patch.left) * 4
      const light = 1 - strength * patch.data[from + 3]!
      if (light === 1) continue
      const to = (row * width + column) * 3
      for (let c = 0; c < 3; c++) pixels[to + c]! *= light
    }
  }
}

/** The smallest box around all of a patch's pixels that count, its centre in pixel (x, y), in the scene or not. */
export function amodalBox(patch: Patch, x: number, y: number): Box {
  let [left, top, right, bottom] = [patch.width, patch.height, 0, 0]
  for (let row = 0; row < patch.height; row++) {
    for (let column = 0; column < patch.width; column++) {
      if (patch.data[(row * patch.width + column) * 4 + 3]! < COVERED) continue
      left = Math.min(left, column)
      top = Math.min(top, row)
      right = Math.max(right, column + 1)
      bottom = row + 1
    }
  }
  const [startX, startY] = [x + patch.left, y + patch.top]
  return [startX + left, startY + top, startX + right, startY + bottom]
}

/** The smallest box around the pixels of each of `count` objects, in a mask of their numbers from 1. */
export function boxesOf(owners: Uint8Array, width: number, count: number): Box[] {
  const boxes = Array.from(
    { length: count },
    () => [Infinity, Infinity, 0, 0] as [number, number, number, number],
  )
  for (let pixel = 0; pixel < owners.length; pixel++) {
    const object = owners[pixel]!
    if (object === 0) continue
    const box = boxes[object - 1]!
    const x = pixel % width
    const y = (pixel - x) / width
    if (x < box[0]) box[0] = x
    if (y < box[1]) box[1] = y
    if (x >= box[2]) box[2] = x + 1
    box[3] = y + 1
  }
  return boxes
}
