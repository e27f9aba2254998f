import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChecksumError, DownloadError } from '../src/index.ts'
import { type IdxImages, readIdxImages } from '../src/idx-images/idx-images.ts'
import { zipFile } from './archives.ts'
import { idxFile } from './idx-file.ts'

const files: Record<string, Uint8Array> = {
  'x.gz': gzipSync(idxFile(0x08, [2, 1, 2], [1, 2, 3, 4])),
  't.gz': gzipSync(idxFile(0x08, [2], [1, 0])),
}
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

let directory: string
let server: Server
let mirror: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-published-'))
  server = createServer((request, response) => {
    const file = files[request.url!.slice(1)]
    if (file) response.end(file)
    else response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((done) => server.close(done))
  await rm(directory, { recursive: true })
})

function published(sums: Record<string, string>): IdxImages {
  const pair = { images: 'x', labels: 't' }
  return {
    operation: 'tiny',
    folder: 'tiny',
    info: { name: 'Tiny', classes: ['no', 'yes'], license: 'none', homepage: mirror },
    files: { train: pair, test: pair },
    mirrors: [`${mirror}/gone/`, mirror],
    md5: sums,
  }
}

test('files are fetched from the first mirror that has them, kept, and used the next time', async () => {
  const tiny = published({ x: md5(files['x.gz']!), t: md5(files['t.gz']!) })
  const cache = join(directory, 'cache')
  const seen: string[] = []
  const onProgress = ({ file }: { file: string }): void => void seen.push(file)
  const { fields } = await readIdxImages(tiny, 'train', { cache, onProgress })
  expect([...fields.x.data, ...fields.t.data]).toEqual([1, 2, 3, 4, 1, 0])
  expect([...new Set(seen)].toSorted()).toEqual(['t.gz', 'x.gz'])
  expect((await readdir(join(cache, 'tiny'))).toSorted()).toEqual(['t.gz', 'x.gz'])
  expect((await readIdxImages(tiny, 'test', { cache, download: false, mirrors: [] })).length).toBe(2)
})

test('another file than the published one is refused', async () => {
  const tiny = published({ x: md5(files['t.gz']!), t: md5(files['t.gz']!) })
  const failure = readIdxImages(tiny, 'train', { cache: join(directory, 'other') })
  await expect(failure).rejects.toThrow(ChecksumError)
  await expect(failure).rejects.toThrow(
    `tiny: no address delivered x.gz:\n  ${mirror}/gone/x.gz: status 404 Not Found`,
  )
  expect(ChecksumError.prototype).toBeInstanceOf(DownloadError)
})

test('files in an archive are read there', async () => {
  files['all.zip'] = zipFile({ 'gzip/x.gz': files['x.gz']!, 'gzip/t.gz': files['t.gz']! })
  const tiny = (sums: Record<string, string>): IdxImages => ({ ...published(sums), archive: 'all.zip' })
  const cache = join(directory, 'archive')
  const sums = { 'all.zip': md5(files['all.zip']) }
  const { fields } = await readIdxImages(tiny(sums), 'train', { cache })
  expect([...fields.x.data, ...fields.t.data]).toEqual([1, 2, 3, 4, 1, 0])
  expect(await readdir(join(cache, 'tiny'))).toEqual(['all.zip'])

  files['all.zip'] = zipFile({ 'gzip/x.gz': files['x.gz']! })
  await expect(
    readIdxImages(tiny({ 'all.zip': md5(files['all.zip']) }), 'train', { cache: join(directory, 'less') }),
  ).rejects.toThrow('tiny: all.zip: it has no t.gz')
})
