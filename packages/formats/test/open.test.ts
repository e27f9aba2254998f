import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arange, FormatError, IndexError, tensor, ValueError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  DownloadError,
  decodeSafetensors,
  encodeSafetensors,
  openSafetensors,
  saveSafetensors,
  streamSafetensors,
} from '../src/index.ts'
import { FileServer, serveRanges } from './file-server.ts'

let directory: string
let server: FileServer
let bytes: Uint8Array<ArrayBuffer>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-open-'))
  // The matrix lies beyond what is fetched at first.
  bytes = await encodeSafetensors(
    {
      matrix: arange(40_000).reshape([200, 200]),
      bias: tensor([1, 2, 3]),
      none: tensor(new Float32Array(0)),
    },
    { epoch: '3' },
  )
  await writeFile(join(directory, 'x.safetensors'), bytes)
  server = new FileServer(bytes, { etag: '"1"' })
  await server.start()
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true })
})

describe('a file that is open', () => {
  test.each(['path', 'Blob', 'bytes', 'address'])('from a %s', async (kind) => {
    const path = join(directory, 'x.safetensors')
    const source = { path, Blob: new Blob([bytes]), bytes, address: server.address }[kind]!
    await using file = await openSafetensors(source)
    expect(file.metadata).toEqual({ epoch: '3' })
    expect({ ...file.entries }).toEqual({
      bias: { type: 'float32', shape: [3], bytes: 12 },
      matrix: { type: 'float32', shape: [200, 200], bytes: 160_000 },
      none: { type: 'float32', shape: [0], bytes: 0 },
    })
    expect(await (await file.tensor('bias')).array()).toEqual([1, 2, 3])
    expect((await file.tensor('none')).shape).toEqual([0])
    const rows = await file.tensor('matrix', { rows: [150, 152] })
    expect(rows.shape).toEqual([2, 200])
    expect((await rows.data())[0]).toBe(30_000)
    expect((await file.tensor('matrix')).shape).toEqual([200, 200])
  })

  test('fetches the ranges that are asked for, and no other', async () => {
    server.requests.length = 0
    const file = await openSafetensors(server.address)
    await file.tensor('bias')
    await file.tensor('matrix', { rows: [199, 200] })
    expect(server.requests).toEqual(['bytes=0-65535', `bytes=${bytes.length - 800}-${bytes.length - 1}`])
  })

  test('has no other tensors, and no other rows', async () => {
    await using file = await openSafetensors(bytes)
    const wrong = (what: string): IndexError => new IndexError(`SafetensorsFile.tensor: bytes: ${what}`)
    await expect(file.tensor('weight')).rejects.toThrow(wrong('there is no tensor "weight"'))
    for (const rows of [
      [0, 4],
      [2, 1],
      [-1, 1],
      [0, 0.5],
    ] as const)
      await expect(file.tensor('bias', { rows })).rejects.toThrow(
        wrong(`"bias" [3] has no rows ${rows[0]} to ${rows[1]}`),
      )
  })
})

describe('refuses', () => {
  test('a header that lies, before anything else is read', async () => {
    const path = join(directory, 'lie.safetensors')
    await writeFile(path, bytes.subarray(0, -4))
    await expect(openSafetensors(path)).rejects.toThrow(
      new FormatError(
        `openSafetensors: ${path}: "matrix" ends at 160012, the data at 160008 (offset ${bytes.length - 160_000})`,
      ),
    )
    await expect(openSafetensors(new Uint8Array(3))).rejects.toThrow(
      new FormatError('openSafetensors: bytes: too short for a safetensors file: 3 bytes (offset 0)'),
    )
    await expect(openSafetensors(join(directory, 'none'))).rejects.toThrow(ValueError)
  })

  test('a file that gets shorter while it is open', async () => {
    const path = join(directory, 'shrinks.safetensors')
    await writeFile(path, bytes)
    await using file = await openSafetensors(path)
    await truncate(path, 1000)
    await expect(file.tensor('matrix')).rejects.toThrow(
      new FormatError(`openSafetensors: ${path}: the file ends early (offset 1000)`),
    )
  })

  test.each([
    ['without ranges', 200, {}, 'the server sends no ranges: read the whole file, with fetchFile'],
    ['that has nothing', 404, {}, 'status 404 Not Found'],
    [
      'that sends less than it says',
      206,
      { 'content-range': 'bytes 0-65535/70000' },
      '5 of 65536 bytes came',
    ],
    [
      'that sends more',
      206,
      { 'content-range': 'bytes 0-2/3' },
      'more than the 3 bytes that were asked for came',
    ],
  ])('a server %s', async (_, status, headers, what) => {
    server.answer = (__, response) => void response.writeHead(status, headers).end('12345')
    await expect(openSafetensors(server.address)).rejects.toThrow(
      new DownloadError(`openSafetensors: ${server.address}/: ${what}`),
    )
    server.answer = serveRanges(bytes, { etag: '"1"' })
  })

  test('a file that changes on the server', async () => {
    const file = await openSafetensors(server.address)
    server.answer = serveRanges(bytes, { etag: '"2"' })
    await expect(file.tensor('matrix')).rejects.toThrow('the file has changed while it was read')
    server.answer = serveRanges(bytes.subarray(1), { etag: '"1"' })
    await expect(file.tensor('matrix')).rejects.toThrow('the file has changed while it was read')
    server.answer = serveRanges(bytes, { etag: '"1"' })
  })
})

describe('a stream', () => {
  test('has the bytes of the file, tensor by tensor', async () => {
    const { tensors, metadata } = decodeSafetensors(bytes)
    const pieces: number[] = []
    const seen: Uint8Array[] = []
    for await (const piece of streamSafetensors(tensors, metadata)) {
      pieces.push(piece.length)
      seen.push(piece)
    }
    expect(pieces.slice(1)).toEqual([12, 160_000])
    expect(Buffer.concat(seen).equals(bytes)).toBe(true)
  })

  test('reads each tensor when its turn comes, and no sooner', async () => {
    const read: string[] = []
    const lazy = (name: string): ReturnType<typeof tensor> => {
      const values = tensor([1])
      values.data = async () => (read.push(name), Float32Array.of(1))
      return values
    }
    const reader = streamSafetensors({ a: lazy('a'), b: lazy('b'), c: lazy('c') }).getReader()
    await reader.read()
    await reader.read()
    expect(read.length).toBeLessThan(3)
    await reader.cancel()
  })

  test('that fails leaves the old file', async () => {
    const path = join(directory, 'kept.safetensors')
    await saveSafetensors(path, { a: tensor([1]) })
    const { size } = await stat(path)
    const broken = tensor([2])
    broken.data = async () => {
      throw new Error('lost')
    }
    await expect(saveSafetensors(path, { a: tensor([1]), b: broken })).rejects.toThrow('lost')
    expect((await stat(path)).size).toBe(size)
    expect((await readdir(directory)).filter((name) => name.startsWith('kept'))).toEqual(['kept.safetensors'])
  })
})
