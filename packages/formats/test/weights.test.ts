import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError, tensor, ValueError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeNpz, encodeSafetensors, loadWeights } from '../src/index.ts'
import { FileServer, serveRanges } from './file-server.ts'

const fixture = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await readFile(join(import.meta.dirname, 'fixtures', name)))

let directory: string
let server: FileServer
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-weights-'))
  server = new FileServer(new Uint8Array(0))
  await server.start()
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true })
})

describe('the content tells the format', () => {
  test.each([
    ['safetensors', () => encodeSafetensors({ w: tensor([1, 2]) }, { epoch: '3' }), ['w'], { epoch: '3' }],
    ['npz', () => encodeNpz({ w: tensor([1, 2]) }, { compress: true }), ['w'], {}],
    ['pytorch', () => fixture('checkpoint.pth'), ['0.weight', '0.bias'], { epoch: 3, loss: -0.125 }],
  ])('%s', async (format, make, names, metadata) => {
    const bytes = await make()
    server.answer = serveRanges(bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const sources = [bytes, new Blob([bytes]), `${server.address}/${format}`]
    for (const source of sources) {
      const options = typeof source === 'string' ? { cache: directory, sha256 } : {}
      const weights = await loadWeights(source, { ...options, key: 'model' })
      expect(weights.format).toBe(format)
      expect(Object.keys(weights.tensors).slice(0, 2)).toEqual(names)
      expect(weights.metadata).toMatchObject(metadata)
    }
    expect((await readdir(directory)).some((name) => name.startsWith(`${format}-`))).toBe(true)
    const offline = { cache: directory, offline: true, key: 'model' }
    expect((await loadWeights(`${server.address}/${format}`, offline)).format).toBe(format)
  })
})

describe('refuses, by name', () => {
  test('other files', async () => {
    await expect(loadWeights(new TextEncoder().encode('<html>'))).rejects.toThrow(
      new FormatError(
        "loadWeights: bytes: neither safetensors, PyTorch's nor npz: it starts with 3c 68 74 6d",
      ),
    )
    await expect(loadWeights(new Uint8Array(0))).rejects.toThrow('it starts with nothing')
    await expect(loadWeights(join(import.meta.dirname, 'fixtures', 'version1.npy'))).rejects.toThrow(
      FormatError,
    )
  })

  test('files that are broken', async () => {
    const bytes = await fixture('checkpoint.pth')
    const file = new File([bytes.subarray(0, -30)], 'resnet.pth')
    await expect(loadWeights(file)).rejects.toThrow(
      /^loadWeights: resnet\.pth: not a zip archive, or cut off/,
    )
  })

  test('a checksum for what is here already', async () => {
    await expect(loadWeights(new Uint8Array(8), { sha256: '12345678' })).rejects.toThrow(
      new ValueError('loadWeights: a checksum is for what is fetched: these bytes are here'),
    )
  })
})
