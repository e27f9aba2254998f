import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contactSheet } from '../src/contact-sheet.ts'
import type { OpenDataSet } from '../src/data-set.ts'
import { dataSets } from '../src/data-sets.ts'
import { statisticsOf } from '../src/statistics.ts'
import { statisticsText } from '../src/statistics-text.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'badak-data-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const main = join(import.meta.dirname, '../src/main.ts')
const flags = ['--conditions=@badak/source', '--disable-warning=ExperimentalWarning', main]

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [...flags, ...args]).then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
}

/** Two images of two by one pixel. */
const tiny: OpenDataSet = {
  length: 2,
  classes: ['background', 'cat', 'dog'],
  get: (index) => ({
    image: { width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255 * index) },
    mask: { width: 2, height: 1, channels: 1, data: Uint8Array.of(0, index === 0 ? 255 : 2) },
    objects: index === 0 ? [] : [{ box: [1, 0, 2, 1], label: 2, visibility: 0.5 }],
    caption: `<image ${index}>`,
  }),
}

test('statistics of a data set that can be counted by hand', async () => {
  const statistics = await statisticsOf(tiny, 1000)
  expect(statistics).toEqual({
    samples: 2,
    sizes: new Map([['2 × 1', 2]]),
    // 0, 0, 0 and 1.
    mean: [0.25],
    std: [expect.closeTo(Math.sqrt(3) / 4, 12)],
    classes: [
      { name: 'background', images: 0, objects: 0, pixels: 0.5 },
      { name: 'cat', images: 0, objects: 0, pixels: 0 },
      { name: 'dog', images: 1, objects: 1, pixels: 0.25 },
    ],
    objectsPerImage: new Map([
      [0, 1],
      [1, 1],
    ]),
    objectSizes: [0.5],
    visibilities: [0.5],
  })
  const text = statisticsText('tiny', statistics)
  expect(text).toContain('objects  0: 1   1: 1')
  expect(text).toContain('dog         1 (50.0 %)        1  25.0 %')
})

test('a contact sheet shows samples with what is known of them', async () => {
  const page = await contactSheet('tiny', tiny, 10)
  expect(page).toContain('2 of 2 samples')
  expect(page).toContain('&lt;image 1&gt;')
  expect(page.match(/<image /g)).toHaveLength(4)
  expect(page).toContain('>dog<')
})

// Those whose files are not with a checkout would be downloaded.
const here = ['scenes', 'scenes-digits', 'mnist']

test.each(dataSets.filter(({ name }) => here.includes(name)))('$name opens', async (dataSet) => {
  const options = { directory: undefined, seed: 0, size: undefined }
  for (const split of dataSet.splits) {
    const data = await dataSet.open(split, options)
    const { image, label, objects } = await data.get(0)
    expect(image.data.length).toBe(image.width * image.height * image.channels)
    for (const known of objects?.map((object) => object.label) ?? [label!])
      expect(data.classes[known]).toBeTypeOf('string')
  }
})

test('the command line writes a page, and counts', async () => {
  const shown = await run(
    'show',
    'scenes',
    '--count',
    '2',
    '--size',
    '64',
    '--split',
    'test',
    '--out',
    directory,
  )
  const path = join(directory, 'scenes-test.html')
  expect(shown).toEqual({ code: 0, stdout: `${path}\n`, stderr: '' })
  expect(readFileSync(path, 'utf8')).toContain('2 of 1,000 samples')
  expect((await run('stats', 'mnist', '--count', '10')).stdout).toContain('mnist, train: 10 samples')
})

test.each([
  [['look', 'scenes'], 'there is no command "look": show or stats'],
  [
    ['show'],
    'which data set? scenes, scenes-digits, scenes-fashion, mnist, fashion-mnist, kmnist, cifar10, cifar100, image-folder',
  ],
  [['show', 'scenes', 'mnist'], 'one data set at a time: scenes mnist'],
  [['show', 'scenes', '--split', 'dev'], 'scenes has no split "dev": train, validation, test, transfer'],
  [['stats', 'scenes', '--count', '0'], '--count: expected an integer of 1 or more: 0'],
  [
    ['show', 'scenes', '--size', '9'],
    'scenes: an object would be 1.8 pixels large, at least 6 are needed: raise size or scale',
  ],
])('%j is told in one line', async (args, message) => {
  expect(await run(...args, '--out', directory)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `data: ${message}\n`,
  })
})
