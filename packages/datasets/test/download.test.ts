import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DownloadError } from '../src/index.ts'
import { download, type DownloadOptions } from '../src/mnist/download.node.ts'

const content = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251)
const md5 = createHash('md5').update(content).digest('hex')

let directory: string
let answer: (request: IncomingMessage, response: ServerResponse) => void
const requests: (string | undefined)[] = []
const server = createServer((request, response) => {
  requests.push(request.headers.range)
  answer(request, response)
})

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-download-'))
  requests.length = 0
  answer = serve
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await rm(directory, { recursive: true })
})

/** The content, or the range of it that is asked for. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (start >= content.length) response.writeHead(416).end()
  else if (start > 0) {
    const range = `bytes ${start}-${content.length - 1}/${content.length}`
    response
      .writeHead(206, { 'content-range': range, 'content-length': content.length - start })
      .end(content.subarray(start))
  } else response.writeHead(200, { 'content-length': content.length }).end(content)
}

function fetchFile(options: Partial<DownloadOptions> = {}): Promise<string> {
  const { port } = server.address() as AddressInfo
  return download({ file: 'data.gz', mirrors: [`http://127.0.0.1:${port}/a`], md5, directory, ...options })
}

async function expectWhole(path: string): Promise<void> {
  expect(path).toBe(join(directory, 'data.gz'))
  expect(new Uint8Array(await readFile(path))).toEqual(content)
  expect(await readdir(directory)).toEqual(['data.gz'])
}

test('fetches, reports progress, leaves only the file', async () => {
  const seen: number[] = []
  await expectWhole(await fetchFile({ onProgress: ({ received, total }) => seen.push(received / total!) }))
  expect(seen.at(-1)).toBe(1)
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
})

test('continues what an earlier run left', async () => {
  await writeFile(join(directory, 'data.gz.part'), content.subarray(0, 40_000))
  await expectWhole(await fetchFile())
  expect(requests).toEqual(['bytes=40000-'])
})

test('continues where a connection broke', async () => {
  answer = (_, response) => {
    answer = serve
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, 60_000), () => setTimeout(() => response.destroy(), 50))
  }
  await expectWhole(await fetchFile())
  expect(requests).toEqual([undefined, 'bytes=60000-'])
})

test('begins anew where ranges are not served, or the part is wrong or complete already', async () => {
  const part = join(directory, 'data.gz.part')
  answer = (_, response) => void response.writeHead(200).end(content)
  await writeFile(part, content.subarray(0, 10))
  await expectWhole(await fetchFile())
  expect(requests).toEqual(['bytes=10-'])

  answer = serve
  await writeFile(part, new Uint8Array(50))
  await expectWhole(await fetchFile())
  expect(requests.slice(1)).toEqual(['bytes=50-', undefined])

  await writeFile(part, content)
  await expectWhole(await fetchFile())
})

test('takes the next mirror after an error of the server', async () => {
  const { port } = server.address() as AddressInfo
  answer = (request, response) => {
    if (request.url?.startsWith('/down')) response.writeHead(503).end()
    else serve(request, response)
  }
  await expectWhole(
    await fetchFile({ mirrors: [`http://127.0.0.1:${port}/down/`, `http://127.0.0.1:${port}/up/`] }),
  )
  expect(requests).toHaveLength(2)
})

test('says what each mirror did, and leaves nothing that is wrong', async () => {
  const { port } = server.address() as AddressInfo
  const base = `http://127.0.0.1:${port}`
  answer = (request, response) => {
    if (request.url?.startsWith('/gone')) response.writeHead(404).end()
    else response.writeHead(200).end('another file')
  }
  const wrong = createHash('md5').update('another file').digest('hex')
  await expect(fetchFile({ mirrors: [`${base}/gone`, `${base}/other`] })).rejects.toThrow(
    new DownloadError(
      'mnist: no mirror delivered data.gz:\n' +
        `  ${base}/gone/data.gz: status 404 Not Found\n` +
        `  ${base}/other/data.gz: MD5 is ${wrong}, not ${md5}`,
    ),
  )
  expect(await readdir(directory)).toEqual([])
})

test('gives up on a server that stays silent', async () => {
  answer = (_, response) => response.writeHead(200, { 'content-length': 10 }).flushHeaders()
  await expect(fetchFile({ patience: 50 })).rejects.toThrow(/data\.gz: nothing came for 0\.05 s/)
})
