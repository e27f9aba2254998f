import type { Image } from '@badak/images'
import { configure } from '@badak/tensor'
import { expect, test } from 'vitest'
import type { Description, Preparation } from '../src/description.ts'
import { prepare } from '../src/prepare.ts'

configure({ backend: 'reference' })

const describe = (preparation: Preparation, channels: 1 | 3 = 1): Description => ({
  model: 'any',
  options: {},
  classes: ['any'],
  input: { channels, height: 28, width: 28 },
  normalisation: { mean: [0], std: [1] },
  preparation,
})

/** A grey page with a rectangle on it. */
function page(
  { width, height, paper, ink }: { width: number; height: number; paper: number; ink: number },
  box: { left: number; top: number; width: number; height: number },
): Image {
  const data = new Uint8Array(width * height).fill(paper)
  for (let y = box.top; y < box.top + box.height; y++)
    data.fill(ink, y * width + box.left, y * width + box.left + box.width)
  return { width, height, channels: 1, data }
}

/** Rows and columns of the pixels above ½. */
async function extentOf(image: Image, description: Description) {
  const { x, frame } = prepare(image, description)!
  const values = await x.data()
  const bright = [...values.keys()]
    .filter((i) => values[i]! > 0.5)
    .map((i) => [i % 28, Math.floor(i / 28)] as const)
  const [columns, rows] = [0, 1].map((axis) => bright.map((at) => at[axis as 0 | 1]))
  const ends = (list: number[] | undefined): [number, number] => [Math.min(...list!), Math.max(...list!)]
  return { shape: x.shape, columns: ends(columns), rows: ends(rows), frame, values }
}

const onPaper = { width: 280, height: 280, paper: 255, ink: 0 }

test('the longer side of a digit becomes 20 pixels, its centre of mass the middle', async () => {
  // 60 × 120 pixels in a corner: 10 × 20 of 28.
  const { shape, columns, rows, frame } = await extentOf(
    page(onPaper, { left: 10, top: 30, width: 60, height: 120 }),
    describe('digit'),
  )
  expect(shape).toEqual([1, 1, 28, 28])
  expect([columns, rows]).toEqual([
    [9, 18],
    [4, 23],
  ])
  // 6 pixels of the page for one of the network; 9 left of the digit, 4 above it.
  expect(frame).toEqual({ left: 10 - 9 * 6, top: 30 - 4 * 6, width: 168, height: 168 })
})

test('a heavy foot moves a digit up: it is the mass that is centred', async () => {
  const image = page(onPaper, { left: 100, top: 40, width: 10, height: 100 })
  for (let y = 120; y < 140; y++) image.data.fill(0, y * 280 + 60, y * 280 + 150)
  const { values } = await extentOf(image, describe('digit'))
  let [mass, y] = [0, 0]
  for (const [i, value] of values.entries()) {
    mass += value
    y += value * (Math.floor(i / 28) + 0.5)
  }
  expect(Math.abs(y / mass - 14)).toBeLessThanOrEqual(0.5)
})

test('white on black and black on white are the same digit', async () => {
  const box = { left: 90, top: 60, width: 70, height: 140 }
  const dark = await prepare(page(onPaper, box), describe('digit'))!.x.data()
  const light = await prepare(page({ ...onPaper, paper: 0, ink: 255 }, box), describe('digit'))!.x.data()
  expect(light).toEqual(dark)
})

test('transparent paper is white, colours become grey', async () => {
  const grey = page(onPaper, { left: 90, top: 60, width: 70, height: 140 })
  const data = new Uint8Array(4 * 280 * 280)
  for (const [i, value] of grey.data.entries()) data[4 * i + 3] = 255 - value
  const drawn = prepare({ ...grey, channels: 4, data }, describe('digit'))!
  expect(await drawn.x.data()).toEqual(await prepare(grey, describe('digit'))!.x.data())
})

test('there is nothing on an empty page, nor in faint marks', () => {
  const box = { left: 10, top: 10, width: 50, height: 50 }
  expect(prepare(page({ ...onPaper, ink: 255 }, box), describe('digit'))).toBeUndefined()
  expect(prepare(page({ ...onPaper, ink: 230 }, box), describe('garment'))).toBeUndefined()
})

test('a garment fills the image', async () => {
  const { columns, rows } = await extentOf(
    page(onPaper, { left: 10, top: 30, width: 60, height: 120 }),
    describe('garment'),
  )
  expect([columns, rows]).toEqual([
    [7, 20],
    [0, 27],
  ])
})

test('of a photo the middle is seen, as large as it may be', async () => {
  // A square of 100 pixels in a wide photo: only that.
  const image = page(
    { width: 300, height: 100, paper: 0, ink: 255 },
    { left: 100, top: 0, width: 100, height: 100 },
  )
  const { x, frame } = prepare(image, describe('photo', 3))!
  expect(x.shape).toEqual([1, 3, 28, 28])
  expect(frame).toEqual({ left: 100, top: 0, width: 100, height: 100 })
  expect([...(await x.data())].every((value) => value === 1)).toBe(true)
})

test('channels are planes', async () => {
  const data = new Uint8Array(3 * 28 * 28)
  for (let i = 0; i < 28 * 28; i++) data.set([255, 51, 0], 3 * i)
  const values = await prepare({ width: 28, height: 28, channels: 3, data }, describe('photo', 3))!.x.data()
  expect([values[0], values[784], values[1568]]).toEqual([1, Math.fround(0.2), 0])
})
