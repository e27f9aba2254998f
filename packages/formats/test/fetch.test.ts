import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ValueError } from '@badak/tensor'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ChecksumError,
  DownloadError,
  fetchFile,
  type FetchFileOptions,
  OfflineError,
  readBytes,
} from '../src/index.ts'
import { FileServer, serveRanges } from './file-server.ts'

const content = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251)
const sha256 = createHash('sha256').update(content).digest('hex')
const md5 = createHash('md5').update(content).digest('hex')

let directory: string
let server: FileServer
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-fetch-'))
  server = new FileServer(content)
  await server.start()
})
afterEach(async () => {
  await server.stop()
  await rm(directory, { recursive: true })
})

const get = (options: FetchFileOptions = {}): ReturnType<typeof fetchFile> =>
  fetchFile(`${server.address}/a/data.gz`, { cache: directory, file: 'data.gz', sha256, ...options })
const part = (): string => join(directory, 'data.gz.part')

async function expectWhole(options: FetchFileOptions = {}): Promise<void> {
  const file = await get(options)
  expect(file).toMatchObject({ size: content.length, cached: false, source: join(directory, 'data.gz') })
  expect(await file.bytes()).toEqual(content)
  expect(await readdir(directory)).toEqual(['data.gz'])
}

/** Breaks the connection after so many bytes, and serves from then on. */
function breakAfter(
  bytes: number,
  headers: Record<string, string> = {},
  then = content,
): FileServer['answer'] {
  return (_, response) => {
    server.answer = serveRanges(then, headers)
    response.writeHead(200, { ...headers, 'content-length': content.length })
    response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 50))
  }
}

describe('a download', () => {
  test('reports its progress, and leaves only the file', async () => {
    const seen: number[] = []
    await expectWhole({ onProgress: ({ received, total }) => seen.push(received / total!) })
    expect(seen.at(-1)).toBe(1)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })

  test.each([{ sha256: sha256.slice(0, 8) }, { sha256: sha256.toUpperCase() }, { md5 }])(
    'is compared with %o',
    async (checksum) => {
      const { source } = await fetchFile(`${server.address}/x`, { cache: directory, file: 'x', ...checksum })
      expect(new Uint8Array(await readFile(source as string))).toEqual(content)
    },
  )

  test('continues what an earlier run left, if a checksum will tell', async () => {
    await writeFile(part(), content.subarray(0, 40_000))
    await expectWhole()
    expect(server.requests).toEqual(['bytes=40000-'])
  })

  test('without a checksum begins anew, and leaves what is beside it', async () => {
    await writeFile(part(), content.subarray(0, 40_000))
    await fetchFile(`${server.address}/x`, { cache: directory, file: 'data.gz' })
    expect(server.requests).toEqual([undefined])
    expect((await readdir(directory)).toSorted()).toEqual(['data.gz', 'data.gz.part'])
  })

  test('continues where a connection broke', async () => {
    server.answer = breakAfter(60_000)
    await expectWhole()
    expect(server.requests).toEqual([undefined, 'bytes=60000-'])
  })

  test('takes another version from its beginning: ETags tell', async () => {
    const other = content.toReversed()
    server.answer = (request, response) => {
      breakAfter(60_000, { etag: '"one"' })(request, response)
      server.answer = (next, answer) => {
        expect(next.headers['if-range']).toBe('"one"')
        answer.writeHead(200, { etag: '"two"', 'content-length': other.length }).end(other)
      }
    }
    const file = await fetchFile(`${server.address}/x`, { cache: directory, file: 'x' })
    expect(await file.bytes()).toEqual(other)
    expect(server.requests).toEqual([undefined, 'bytes=60000-'])
  })

  test('begins anew where ranges are not served, or the part is wrong or complete already', async () => {
    server.answer = (_, response) => void response.writeHead(200).end(content)
    await writeFile(part(), content.subarray(0, 10))
    await expectWhole()
    expect(server.requests).toEqual(['bytes=10-'])

    await rm(join(directory, 'data.gz'))
    server.answer = serveRanges(content)
    await writeFile(part(), new Uint8Array(50))
    await expectWhole()
    expect(server.requests.slice(1)).toEqual(['bytes=50-', undefined])

    await rm(join(directory, 'data.gz'))
    await writeFile(part(), content)
    await expectWhole()
  })

  test('takes the next mirror after an error of the server', async () => {
    server.answer = (request, response) => {
      if (request.url?.startsWith('/down')) response.writeHead(503).end()
      else serveRanges(content)(request, response)
    }
    const urls = [`${server.address}/down/data`, `${server.address}/up/data`]
    expect((await fetchFile(urls, { cache: directory, sha256 })).size).toBe(content.length)
    expect(server.requests).toHaveLength(2)
  })

  test('goes on twice at once as one', async () => {
    const [one, two] = await Promise.all([get(), get()])
    expect([server.requests.length, one.source]).toEqual([1, two.source])
  })

  test('is named by its address', async () => {
    const url = `${server.address}/a/model.v1.safetensors?download=true`
    const { source } = await fetchFile(url, { cache: directory })
    const digits = createHash('sha256').update(url).digest('hex').slice(0, 8)
    expect(source).toBe(join(directory, `model-${digits}.v1.safetensors`))
  })

  test('is in memory when nothing is to be kept', async () => {
    const { source, bytes } = await fetchFile(`${server.address}/x`, { cache: false, sha256 })
    expect(source).toBeInstanceOf(Blob)
    expect(await bytes()).toEqual(content)
  })
})

describe('the cache', () => {
  test('is asked first, and compared', async () => {
    await writeFile(join(directory, 'data.gz'), content)
    expect(await get()).toMatchObject({ cached: true })
    expect(await get({ offline: true })).toMatchObject({ cached: true })
    expect(server.requests).toEqual([])

    await writeFile(join(directory, 'data.gz'), 'something else')
    await expect(get({ offline: true })).rejects.toThrow(ChecksumError)
    await expectWhole()
  })

  test('is all there is when offline', async () => {
    const error = new OfflineError(
      `fetchFile: ${server.address}/a/data.gz: not in the cache (${join(directory, 'data.gz')}), and offline is true`,
    )
    await expect(get({ offline: true })).rejects.toThrow(error)
    expect(server.requests).toEqual([])
  })
})

describe('fails', () => {
  test('and says what each mirror did, and leaves nothing that is wrong', async () => {
    const base = server.address
    server.answer = (request, response) => {
      if (request.url?.startsWith('/gone')) response.writeHead(404).end()
      else response.writeHead(200).end('another file')
    }
    const wrong = createHash('sha256').update('another file').digest('hex')
    await expect(
      fetchFile([`${base}/gone`, `${base}/other`], { cache: directory, file: 'x', sha256 }),
    ).rejects.toThrow(
      new ChecksumError(
        'fetchFile: no address delivered x:\n' +
          `  ${base}/gone: status 404 Not Found\n` +
          `  ${base}/other: SHA-256 is ${wrong}, not ${sha256}`,
      ),
    )
    await expect(fetchFile(`${base}/gone`, { cache: directory })).rejects.toThrow(
      new DownloadError(`fetchFile: ${base}/gone: status 404 Not Found`),
    )
    expect(await readdir(directory)).toEqual([])
    // What came at once and was wrong is not fetched again.
    expect(server.requests).toHaveLength(3)
  })

  test('on a server that stays silent, keeping what came', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 10))
    }
    await expect(get({ patience: 50 })).rejects.toThrow(
      new DownloadError(`fetchFile: ${server.address}/a/data.gz: nothing came for 0.05 s`),
    )
    expect(await readdir(directory)).toEqual(['data.gz.part'])
  })

  test('on a range that was not asked for, and on a server that is not there', async () => {
    await writeFile(part(), content.subarray(0, 10))
    server.answer = (_, response) =>
      void response.writeHead(206, { 'content-range': `bytes 0-9/${content.length}` }).end('0123456789')
    await expect(get()).rejects.toThrow('status 206, but not the range that was asked for')
    const { address } = server
    await server.stop()
    await expect(fetchFile(`${address}/x`, { cache: directory })).rejects.toThrow(DownloadError)
    await server.start()
  })

  test('on files that are larger than allowed, announced or not', async () => {
    await expect(get({ maxBytes: 99_999 })).rejects.toThrow(
      new DownloadError(`fetchFile: ${server.address}/a/data.gz: 100000 bytes are more than maxBytes, 99999`),
    )
    server.answer = (_, response) => {
      response.writeHead(200)
      const more = (): void => void (response.destroyed || response.write(content, () => setTimeout(more)))
      more()
    }
    await expect(get({ maxBytes: 250_000 })).rejects.toThrow('more than maxBytes, 250000, came')
  })

  test('where it cannot write', async () => {
    await writeFile(join(directory, 'file'), '')
    const failure = get({ cache: join(directory, 'file') })
    await expect(failure).rejects.toThrow(DownloadError)
    await expect(failure).rejects.toThrow(/file\/data\.gz: (not a directory|file already exists)$/)
    expect(server.requests).toHaveLength(1)
  })

  test('when it is ended', async () => {
    const controller = new AbortController()
    const running = get({
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    })
    await expect(running).rejects.toThrow('enough')
  })

  test.each<[string, FetchFileOptions, string]>([
    ['a short checksum', { sha256: '1234567' }, 'fetchFile: sha256 is 8 to 64 hexadecimal digits: 1234567'],
    [
      'an MD5 cut short',
      { sha256: undefined as never, md5: 'f37072fd' },
      'fetchFile: md5 is 32 hexadecimal digits: f37072fd',
    ],
    ['two checksums', { md5 }, 'fetchFile: give sha256 or md5, not both'],
    ['a name that leaves the cache', { file: '../x' }, 'fetchFile: not a name of a file: "../x"'],
  ])('on %s', async (_, options, message) => {
    await expect(get(options)).rejects.toThrow(new ValueError(message))
  })

  test('without an address', async () => {
    await expect(fetchFile([])).rejects.toThrow(new ValueError('fetchFile: there is no address'))
  })
})

describe('files that are here', () => {
  test('are used where they are, by path and by URL', async () => {
    const path = join(directory, 'here.bin')
    await writeFile(path, content)
    for (const source of [path, pathToFileURL(path), pathToFileURL(path).href])
      expect(await fetchFile(source, { sha256 })).toMatchObject({
        cached: true,
        source: path,
        size: content.length,
      })
    await expect(fetchFile(path, { sha256: '00000000' })).rejects.toThrow(
      new ChecksumError(`fetchFile: ${path}: SHA-256 is ${sha256.slice(0, 8)}, not 00000000`),
    )
    await expect(fetchFile(join(directory, 'none'))).rejects.toThrow(
      new ValueError(`fetchFile: ${join(directory, 'none')}: no such file or directory`),
    )
  })

  test('data: is decoded', async () => {
    const file = await fetchFile('data:;base64,AQID', { cache: directory })
    expect(await file.bytes()).toEqual(Uint8Array.of(1, 2, 3))
    expect(await readdir(directory)).toEqual([])
  })

  test('all kinds are read whole', async () => {
    const path = join(directory, 'x:y')
    await writeFile(path, content)
    for (const source of [path, pathToFileURL(path), `${server.address}/x`, new Blob([content]), content])
      expect(new Uint8Array((await readBytes(source)).bytes)).toEqual(content)
    expect((await readBytes(new File([content], 'cat.jpg'))).name).toBe('cat.jpg')
    server.answer = (_, response) => void response.writeHead(404).end()
    await expect(readBytes(`${server.address}/x`, { operation: 'loadImage' })).rejects.toThrow(
      new DownloadError(`loadImage: ${server.address}/x: status 404 Not Found`),
    )
  })
})
