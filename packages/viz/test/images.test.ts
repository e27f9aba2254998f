import { configure, ShapeError, tensor, ValueError, zeros } from '@badak/tensor'
import { decode } from 'fast-png'
import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { gridPNG, heatmapOverlay, imageURIs, insideReport } from '../src/index.ts'

configure({ backend: 'reference' })

/** The pixels of a file, row by row. */
function pixelsOf(file: Uint8Array): { size: [number, number]; rows: string[] } {
  const { width, height, data } = decode(file)
  const at = (i: number): string =>
    [...data.subarray(3 * i, 3 * i + 3)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const rows = Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (__, column) => at(row * width + column)).join(' '),
  )
  return { size: [width, height], rows }
}

const ramp = tensor([[[0, 0.5, 1]]])

describe('colours', () => {
  // matplotlib 3.11: round(255 * c) for the c of colormaps[name](i), i = 0, 128, 255.
  test.each([
    ['viridis', '440154 21918c fde725'],
    ['inferno', '000004 bc3754 fcffa4'],
    ['magma', '000004 b73779 fcfdbf'],
    ['greys', '000000 808080 ffffff'],
  ] as const)('%s', async (colors, expected) => {
    expect(pixelsOf(await gridPNG(ramp, { colors, gap: 0 })).rows).toEqual([expected])
  })

  test.each(['viridis', 'inferno', 'magma', 'plasma', 'cividis'] as const)(
    '%s gets lighter all the way',
    async (colors) => {
      const values = tensor(
        Float32Array.from({ length: 256 }, (_, i) => i),
        { shape: [1, 1, 256] },
      )
      const { data } = decode(await gridPNG(values, { colors, gap: 0 }))
      // Relative luminance (Rec. 709), with the transfer function of sRGB.
      const linear = (byte: number) => (byte <= 10 ? byte / 3294 : ((byte / 255 + 0.055) / 1.055) ** 2.4)
      const luminance = Array.from(
        { length: 256 },
        (_, i) =>
          0.2126 * linear(data[3 * i]!) +
          0.7152 * linear(data[3 * i + 1]!) +
          0.0722 * linear(data[3 * i + 2]!),
      )
      for (let i = 8; i < 256; i++) expect(luminance[i]!).toBeGreaterThan(luminance[i - 8]!)
    },
  )

  test('that are not known are refused', async () => {
    await expect(imageURIs(ramp, { colors: 'jet' as 'turbo' })).rejects.toThrow(
      new ValueError(
        'imageURIs: unknown colours "jet": expected viridis, inferno, magma, plasma, cividis, turbo or greys',
      ),
    )
  })
})

describe('a grid', () => {
  test('has images in rows, with gaps, as large as asked for', async () => {
    const images = tensor([[[0, 1]], [[1, 1]], [[0, 0]]])
    const options = { columns: 2, gap: 1, background: [255, 0, 0] } as const
    const [o, x, r] = ['000000', 'ffffff', 'ff0000']
    expect(pixelsOf(await gridPNG(images, options))).toEqual({
      size: [7, 5],
      rows: [
        [r, r, r, r, r, r, r],
        [r, o, x, r, x, x, r],
        [r, r, r, r, r, r, r],
        [r, o, o, r, r, r, r],
        [r, r, r, r, r, r, r],
      ].map((row) => row.join(' ')),
    })
    const { size, rows } = pixelsOf(await gridPNG(images.slice([[0, 1]]), { scale: 2, gap: 0 }))
    expect([size, rows]).toEqual([
      [4, 2],
      [`${o} ${o} ${x} ${x}`, `${o} ${o} ${x} ${x}`],
    ])
    expect(pixelsOf(await gridPNG(images, { gap: 0 })).size).toEqual([4, 2])
  })

  test('may show each image in its own range, and colour images', async () => {
    const images = tensor([[[0, 1]], [[5, 7]]])
    const { rows } = pixelsOf(await gridPNG(images, { range: 'each', gap: 0, columns: 1 }))
    expect(rows).toEqual(['000000 ffffff', '000000 ffffff'])
    const colour = tensor([[[[1]], [[0]], [[0.2]]]])
    expect(pixelsOf(await gridPNG(colour, { range: [0, 1], gap: 0 })).rows).toEqual(['ff0033'])
  })

  test('of what is no number is black there', async () => {
    expect(pixelsOf(await gridPNG(tensor([[[NaN, 1]]]), { range: [0, 1], gap: 0 })).rows).toEqual([
      '000000 ffffff',
    ])
  })

  test('must have images, and sizes', async () => {
    await expect(gridPNG(zeros([0, 1, 2, 2]))).rejects.toThrow(
      new ValueError('gridPNG: there are no images: [0,1,2,2]'),
    )
    await expect(gridPNG(zeros([1, 2, 2, 2]))).rejects.toThrow(
      new ShapeError('gridPNG: expected images [N, H, W], [N, 1, H, W] or [N, 3, H, W]: [1,2,2,2]'),
    )
    await expect(gridPNG(ramp, { columns: 0 })).rejects.toThrow(
      new ValueError('gridPNG: columns is not an integer ≥ 1: 0'),
    )
    await expect(gridPNG(ramp, { gap: -1 })).rejects.toThrow(
      new ValueError('gridPNG: gap is not an integer ≥ 0: -1'),
    )
  })
})

describe('a heat map', () => {
  const image = tensor([[[[1, 0, 0.2]]]])

  test('lies over an image', async () => {
    const map = tensor([[[[-3, 5, -3]]]])
    const overlay = await heatmapOverlay(image, map, { colors: 'viridis', opacity: 0.25 })
    expect(overlay.shape).toEqual([1, 3, 1, 3])
    // By hand: three quarters of the image, a quarter of the colour.
    const mix = (grey: number, colour: number) => Math.fround((grey + (colour - grey) * 0.25) / 255)
    expect([...(await overlay.data())]).toEqual([
      mix(255, 68),
      mix(0, 253),
      mix(51, 68),
      mix(255, 1),
      mix(0, 231),
      mix(51, 1),
      mix(255, 84),
      mix(0, 37),
      mix(51, 84),
    ])
    expect(await (await heatmapOverlay(image, map, { opacity: 0 })).slice([0, 2, 0]).array()).toEqual(
      [1, 0, 51 / 255].map(Math.fround),
    )
  })

  test('is scaled for each image, without its greatest values, or as it is told', async () => {
    const shades = async (maps: readonly (readonly number[])[], options: object) => {
      const map = tensor(maps.map((row) => [[[...row]]]))
      const overlay = await heatmapOverlay(zeros(map.shape), map, { colors: 'greys', opacity: 1, ...options })
      return [...(await overlay.slice([[], 0]).data())].map((value) => Math.round(255 * value))
    }
    expect(
      await shades(
        [
          [0, 1],
          [0, 100],
        ],
        {},
      ),
    ).toEqual([0, 255, 0, 255])
    expect(await shades([[0, 1, 2, 3, 100]], { clip: 0.25 })).toEqual([0, 85, 170, 255, 255])
    expect(await shades([[0, 1, 2]], { range: [0, 4] })).toEqual([0, 64, 128])
    expect(await shades([[3, 3]], {})).toEqual([0, 0])
  })

  test('must fit its image', async () => {
    await expect(heatmapOverlay(image, zeros([1, 1, 1, 2]))).rejects.toThrow(
      new ShapeError('heatmapOverlay: maps are not [1, 1, 1, 3], one for each image: [1,1,1,2]'),
    )
    await expect(heatmapOverlay(image, zeros([1, 1, 1, 3]), { opacity: 2 })).rejects.toThrow(
      new ValueError('heatmapOverlay: opacity is not from 0 to 1: 2'),
    )
  })
})

describe('a page of the inside of a network', () => {
  const images = zeros([2, 1, 4, 4])

  test('has what there is to tell', async () => {
    const headings = (html: string) =>
      [...parseHTML(html).document.querySelectorAll('h2')].map((h) => h.textContent)
    expect(headings(await insideReport({ title: 'a' }))).toEqual([])
    const page = await insideReport({
      title: 'a <b>',
      filters: {
        before: { images: zeros([3, 1, 2, 2]) },
        after: { images: zeros([3, 1, 2, 2]), labels: ['x', 'y', 'z'] },
      },
      looked: { images, labels: ['a 1', 'a 2'] },
      featureMaps: { 'features.0': zeros([2, 70, 2, 2]) },
      heatmaps: { 'Grad-CAM': zeros([2, 1, 4, 4]), 'integrated gradients': zeros([2, 3, 4, 4]) },
      signed: ['integrated gradients'],
      units: { classes: { images, labels: ['1', '2'] } },
      sections: [{ title: 'More', content: [] }],
    })
    expect(headings(page)).toEqual([
      'Filters of the first layer',
      'Feature maps',
      'What decisions rest on',
      'What units look for',
      'More',
    ])
    const { document } = parseHTML(page)
    const texts = [...document.querySelectorAll('text')].map((text) => text.textContent)
    expect(texts).toEqual(
      expect.arrayContaining(['before', 'after', 'x', 'features.0, 64 of 70', 'Grad-CAM', 'a 1']),
    )
    expect(document.querySelectorAll('image').length).toBe(3 + 3 + 64 + 2 + 2 + 2 + 2)
  })

  test('is of maps that fit', async () => {
    await expect(insideReport({ title: 'a', featureMaps: { fc: zeros([2, 3]) } })).rejects.toThrow(
      new ShapeError('insideReport: the feature maps of "fc" are not [N, C, H, W]: [2,3]'),
    )
  })
})
