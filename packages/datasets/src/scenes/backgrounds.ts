import type { Image } from '@badak/images'
import type { Generator } from '@badak/tensor'
import { anyColour, between, type Canvas, mix, oneOf } from './canvas.ts'
import type { Colour } from './colours.ts'
import { type Turn, turnOf } from './turn.ts'
import { addNoise } from './value-noise.ts'

/**
 * What lies behind the objects: one colour, two that blend, clouds, stripes, a chequerboard, or a heap of
 * rectangles, ellipses and triangles.
 */
export type BackgroundKind = 'plain' | 'gradient' | 'clouds' | 'stripes' | 'checker' | 'clutter'

type Painter = (canvas: Canvas, generator: Generator) => void

/** How each kind is painted. */
export const painters: Readonly<Record<BackgroundKind, Painter>> = {
  plain: (canvas, generator) => {
    const colour = anyColour(generator)
    paint(canvas, () => 0, colour, colour)
  },
  gradient: paintGradient,
  clouds: paintClouds,
  stripes: paintStripes,
  checker: paintChecker,
  clutter: paintClutter,
}

/** Paints a background over the whole canvas. */
export function paintBackground(canvas: Canvas, kind: BackgroundKind | Image, generator: Generator): void {
  if (typeof kind === 'string') painters[kind](canvas, generator)
  else paintImage(canvas, kind, generator)
}

/** Between two colours, by a share from 0 to 1 for each pixel. */
function paint(canvas: Canvas, share: (x: number, y: number) => number, a: Colour, b: Colour): void {
  const { width, height, pixels } = canvas
  const [red, green, blue] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 3
      const t = share(x, y)
      pixels[to] = a[0] + red * t
      pixels[to + 1] = a[1] + green * t
      pixels[to + 2] = a[2] + blue * t
    }
  }
}

function paintGradient(canvas: Canvas, generator: Generator): void {
  const { cos, sin } = anyTurn(generator)
  const { width, height } = canvas
  const length = Math.abs(cos) * width + Math.abs(sin) * height
  const along = (x: number, y: number): number =>
    0.5 + (cos * (x - width / 2) + sin * (y - height / 2)) / length
  paint(canvas, along, anyColour(generator), anyColour(generator))
}

function paintClouds(canvas: Canvas, generator: Generator): void {
  const { width, height } = canvas
  const noise = new Float32Array(width * height).fill(0.5)
  const cell = Math.min(width, height) * between(generator, 0.08, 0.5)
  for (const [octave, amplitude] of [0.5, 0.3, 0.2].entries()) {
    addNoise(noise, width, Math.max(1.5, cell / (1 << octave)), amplitude, generator.integers(2 ** 32))
  }
  const limit = (x: number, y: number): number => Math.min(1, Math.max(0, noise[y * width + x]!))
  paint(canvas, limit, anyColour(generator), anyColour(generator))
}

function paintStripes(canvas: Canvas, generator: Generator): void {
  const wave = squareWave(canvas, anyTurn(generator), generator)
  paint(canvas, wave, ...similarColours(generator))
}

function paintChecker(canvas: Canvas, generator: Generator): void {
  const turn = anyTurn(generator)
  const across = squareWave(canvas, turn, generator)
  const down = squareWave(canvas, { cos: -turn.sin, sin: turn.cos }, generator)
  const either = (x: number, y: number): number => {
    const a = across(x, y)
    const b = down(x, y)
    return a + b - 2 * a * b
  }
  paint(canvas, either, ...similarColours(generator))
}

/** 0 and 1 in turn along a direction, with edges one pixel soft. */
function squareWave(
  canvas: Canvas,
  { cos, sin }: Turn,
  generator: Generator,
): (x: number, y: number) => number {
  const side = Math.min(canvas.width, canvas.height)
  const period = Math.max(4, side * between(generator, 0.06, 0.4))
  const start = period * generator.uniform()
  return (x, y) => {
    const place = (start + cos * x + sin * y) / period
    // How far, in pixels, from the edge between 0 and 1: a triangle wave.
    const distance = (Math.abs(place - Math.floor(place) - 0.5) - 0.25) * period
    return Math.min(1, Math.max(0, distance + 0.5))
  }
}

/** The second is the first on its way to another: patterns in full contrast would be all that one sees. */
function similarColours(generator: Generator): readonly [Colour, Colour] {
  const first = anyColour(generator)
  return [first, mix(first, anyColour(generator), between(generator, 0.25, 0.9))]
}

const shapes = ['rectangle', 'ellipse', 'triangle'] as const

function paintClutter(canvas: Canvas, generator: Generator): void {
  paintGradient(canvas, generator)
  const side = Math.min(canvas.width, canvas.height)
  for (let count = 8 + generator.integers(20); count > 0; count--) {
    const turn = anyTurn(generator)
    paintShape(canvas, {
      shape: oneOf(generator, shapes),
      turn,
      colour: anyColour(generator),
      opacity: between(generator, 0.5, 1),
      x: between(generator, 0, canvas.width),
      y: between(generator, 0, canvas.height),
      halfWidth: side * between(generator, 0.03, 0.22),
      halfHeight: side * between(generator, 0.02, 0.16),
    })
  }
}

interface Shape {
  readonly shape: (typeof shapes)[number]
  readonly turn: Turn
  readonly colour: Colour
  readonly opacity: number
  readonly x: number
  readonly y: number
  readonly halfWidth: number
  readonly halfHeight: number
}

/** The edge is soft by about a pixel. */
function paintShape({ width, height, pixels }: Canvas, shape: Shape): void {
  const { turn, colour, opacity, halfWidth, halfHeight } = shape
  const reach = halfWidth + halfHeight + 1
  const inside = insides[shape.shape]
  const soft = Math.min(halfWidth, halfHeight)
  const [left, right] = [
    Math.max(0, Math.floor(shape.x - reach)),
    Math.min(width, Math.ceil(shape.x + reach)),
  ]
  const [top, bottom] = [
    Math.max(0, Math.floor(shape.y - reach)),
    Math.min(height, Math.ceil(shape.y + reach)),
  ]
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const dx = x + 0.5 - shape.x
      const dy = y + 0.5 - shape.y
      const u = (turn.cos * dx + turn.sin * dy) / halfWidth
      const v = (turn.cos * dy - turn.sin * dx) / halfHeight
      const cover = opacity * Math.min(1, Math.max(0, inside(u, v) * soft + 0.5))
      if (cover === 0) continue
      const to = (y * width + x) * 3
      for (let c = 0; c < 3; c++) pixels[to + c]! += (colour[c]! - pixels[to + c]!) * cover
    }
  }
}

/** Positive within the shape of half width and half height 1, falling by about 1 per half width. */
const insides: Readonly<Record<Shape['shape'], (u: number, v: number) => number>> = {
  rectangle: (u, v) => 1 - Math.max(Math.abs(u), Math.abs(v)),
  ellipse: (u, v) => 1 - Math.sqrt(u * u + v * v),
  triangle: (u, v) => Math.min(1 - v, (v + 1) / 2 - Math.abs(u)),
}

/** A part of a picture, as large as fits or smaller, in the shape of the canvas. */
function paintImage({ width, height, pixels }: Canvas, image: Image, generator: Generator): void {
  const largest = Math.min(image.width / width, image.height / height)
  const scale = largest * between(generator, 0.6, 1)
  const left = between(generator, 0, image.width - width * scale)
  const top = between(generator, 0, image.height - height * scale)
  const mirrored = generator.integers(2) === 1
  for (let y = 0; y < height; y++) {
    const v = Math.min(image.height - 1, Math.max(0, top + (y + 0.5) * scale - 0.5))
    for (let x = 0; x < width; x++) {
      const column = mirrored ? width - 1 - x : x
      const u = Math.min(image.width - 1, Math.max(0, left + (column + 0.5) * scale - 0.5))
      const to = (y * width + x) * 3
      for (let c = 0; c < 3; c++) pixels[to + c] = sample(image, u, v, image.channels === 1 ? 0 : c)
    }
  }
}

/** Bilinear; `u` and `v` are within the image. */
function sample({ width, height, channels, data }: Image, u: number, v: number, channel: number): number {
  const [column, row] = [Math.floor(u), Math.floor(v)]
  const [nextColumn, nextRow] = [Math.min(column + 1, width - 1), Math.min(row + 1, height - 1)]
  const [right, below] = [u - column, v - row]
  const at = (x: number, y: number): number => data[(y * width + x) * channels + channel]!
  const above = at(column, row) * (1 - right) + at(nextColumn, row) * right
  return above * (1 - below) + (at(column, nextRow) * (1 - right) + at(nextColumn, nextRow) * right) * below
}

function anyTurn(generator: Generator): Turn {
  return turnOf(360 * generator.uniform())
}
