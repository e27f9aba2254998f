import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { FormatError, ValueError } from '@badak/tensor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadImage } from '../src/index.ts'
import { cases } from './fixtures.ts'

const { file, image } = cases.find(({ name }) => name === 'jpeg progressive')!

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-images-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('a path, a URL, a Blob, a data: address and bytes are read', async () => {
  const path = join(directory, 'picture')
  await writeFile(path, file)
  const address = `data:;base64,${Buffer.from(file).toString('base64')}`
  for (const source of [path, pathToFileURL(path), new Blob([file]), address, file])
    expect(await loadImage(source)).toEqual(image)
})

test('errors name the file', async () => {
  const path = join(directory, 'broken.jpg')
  await writeFile(path, file.subarray(0, -30))
  await expect(loadImage(path)).rejects.toThrow(
    new FormatError(`loadImage: ${path}: Premature end of JPEG file`),
  )
  await expect(loadImage(new File(['?'], 'cat.jpg'))).rejects.toThrow(
    new FormatError('loadImage: cat.jpg: neither JPEG, PNG nor WebP: it starts with 3f'),
  )
  await expect(loadImage(path, { name: 'mine' })).rejects.toThrow('loadImage: mine: ')
  const missing = join(directory, 'none.png')
  await expect(loadImage(missing)).rejects.toThrow(
    new ValueError(`loadImage: ${missing}: no such file or directory`),
  )
})
