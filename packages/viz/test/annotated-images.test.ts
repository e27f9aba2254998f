import { expect, test } from 'vitest'
import { ShapeError, ValueError } from '@badak/tensor'
import { decode } from 'fast-png'
import { annotatedImages, classColors, vocColors } from '../src/index.ts'

const grey = {
  width: 4,
  height: 3,
  channels: 1,
  data: Uint8Array.from({ length: 12 }, (_, i) => i * 20),
} as const
const mask = {
  width: 4,
  height: 3,
  channels: 1,
  data: Uint8Array.of(2, 2, 2, 0, 2, 2, 2, 0, 2, 2, 2, 255),
} as const

/** Attributes of all elements of a name in a picture. */
function elements(svg: string, name: string): Record<string, string>[] {
  return [...svg.matchAll(new RegExp(`<${name} ([^>]*)>`, 'g'))].map(([, attributes]) =>
    Object.fromEntries(
      [...attributes!.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    ),
  )
}

function pixelsOf(uri: string) {
  return decode(Uint8Array.from(atob(uri.split(',')[1]!), (character) => character.charCodeAt(0)))
}

test('boxes lie where they are, in the colours of their classes, with names and scores', async () => {
  const boxes = [
    { box: [1, 2, 4, 3], label: 2, score: 0.876 },
    { box: [0, 0, 1, 1], label: 7 },
  ] as const
  const svg = (
    await annotatedImages([{ image: grey, boxes }], {
      classes: ['background', 'cat', 'dog'],
      scale: 20,
    })
  ).toSVG()
  const rectangles = elements(svg, 'rect')
  const frames = rectangles.filter(({ stroke }) => stroke !== undefined && stroke !== '#fff')
  expect(frames.map(({ x, y, width, height, stroke }) => [x, y, width, height, stroke])).toEqual([
    ['20', '40', '60', '20', classColors(3)[2]],
    ['0', '0', '20', '20', classColors(8)[7]],
  ])
  expect(svg).toContain('>dog 88 %<')
  // A class without a name is told by its number; above the image there is no room.
  expect(svg).toContain('>7<')
  const tags = rectangles.filter(({ stroke }) => stroke === undefined)
  expect(tags.map(({ y }) => y)).toEqual(['26', '0'])
})

test('a mask: nothing over the background, half over the inside, all of the outline', async () => {
  const svg = (
    await annotatedImages([{ image: grey, mask }], { classes: ['background', 'cat', 'dog'] })
  ).toSVG()
  const [image, overlay] = elements(svg, 'image').map(({ href }) => pixelsOf(href!))
  expect([...image!.data]).toEqual([...grey.data])
  const alpha = [...overlay!.data].filter((_, i) => i % 4 === 3)
  expect(alpha).toEqual([128, 128, 255, 0, 128, 128, 255, 0, 128, 128, 255, 255])
  const color = `#${[...overlay!.data.subarray(0, 3)].map((value) => value.toString(16).padStart(2, '0')).join('')}`
  expect(color).toBe(classColors(3)[2])
  // The border of VOC.
  expect([...overlay!.data.subarray(44, 47)]).toEqual([224, 224, 192])
  // The legend names what is seen, and nothing else.
  expect(svg).toContain('>dog<')
  expect(svg).not.toContain('>cat<')
})

test('captions are cut to the width of their image, and are whole when pointed at', async () => {
  const caption = 'a red car left of two dogs & a heart'
  const svg = (await annotatedImages([{ image: grey, caption }], { scale: 20 })).toSVG()
  expect(svg).toContain('>a red car le…<')
  expect(svg).toContain('<title>a red car left of two dogs &amp; a heart</title>')
})

test('what cannot be drawn', async () => {
  await expect(annotatedImages([])).rejects.toThrow(new ValueError('annotatedImages: no images: []'))
  await expect(annotatedImages([{ image: grey, mask: { ...mask, width: 3, height: 4 } }])).rejects.toThrow(
    new ShapeError('annotatedImages: a mask has one channel and the size of its image: 3x4x1 for 4x3x1'),
  )
})

test('the colours of VOC', () => {
  // From the legend of VOC 2012: background, aeroplane, bicycle, bird, boat … person, tvmonitor; the border.
  const colors = vocColors(256)
  expect(colors.slice(0, 5)).toEqual(['#000000', '#800000', '#008000', '#808000', '#000080'])
  expect([colors[8], colors[15], colors[20], colors[255]]).toEqual([
    '#400000',
    '#c08080',
    '#004080',
    '#e0e0c0',
  ])
  expect(new Set(colors).size).toBe(256)
})

test('the colours of twenty classes differ', () => {
  expect(new Set(classColors(21)).size).toBe(21)
})
