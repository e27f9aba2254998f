import { tensor } from '@badak/tensor'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  ChecksumError,
  encodeSafetensors,
  fetchFile,
  loadWeights,
  OfflineError,
  openSafetensors,
} from '../src/index.ts'

const bytes = await encodeSafetensors({ w: tensor([1, 2, 3]) })
const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const url = 'https://example.org/model.safetensors'

const { fetch } = globalThis
let requests: (string | null)[]
let cache: string

/** Answers in place of the network. */
function serve(answer: (range: string | null) => Response): void {
  requests = []
  globalThis.fetch = async (_, init) => {
    const range = new Headers(init?.headers).get('range')
    requests.push(range)
    return answer(range)
  }
}
const whole = (): Response => new Response(bytes, { headers: { 'content-length': `${bytes.length}` } })

beforeEach(() => {
  cache = `badak-test-${crypto.randomUUID()}`
  serve(whole)
})
afterEach(async () => {
  globalThis.fetch = fetch
  const root = await navigator.storage.getDirectory()
  await root.removeEntry(cache, { recursive: true }).catch(() => undefined)
})

test('a file is kept in the private file system', async () => {
  const first = await fetchFile(url, { cache, sha256 })
  expect([first.cached, first.source instanceof File, first.size]).toEqual([false, true, bytes.length])
  const second = await fetchFile(url, { cache, sha256, offline: true })
  expect([second.cached, await second.bytes(), requests.length]).toEqual([true, bytes, 1])
  const { tensors } = await loadWeights(url, { cache, offline: true })
  expect(await tensors['w']!.array()).toEqual([1, 2, 3])
  await using file = await openSafetensors(second.source)
  expect(await (await file.tensor('w', { rows: [1, 2] })).array()).toEqual([2])
})

test('a download that broke is continued, also in another page', async () => {
  const broken = (start: number, end: number): Response =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(bytes.subarray(start, end)),
        pull: (controller) => controller.error(new Error('lost')),
      }),
      { headers: { 'content-length': `${bytes.length - start}` } },
    )
  serve((range) => {
    if (range === null) return broken(0, 20)
    throw new TypeError('the network is gone')
  })
  await expect(fetchFile(url, { cache, sha256, file: 'a/b.bin' })).rejects.toThrow(/the network is gone/)
  expect(requests).toEqual([null, 'bytes=20-', 'bytes=20-'])
  serve(() => {
    const where = `bytes 20-${bytes.length - 1}/${bytes.length}`
    return new Response(bytes.subarray(20), { status: 206, headers: { 'content-range': where } })
  })
  expect(await (await fetchFile(url, { cache, sha256, file: 'a/b.bin' })).bytes()).toEqual(bytes)
  expect(requests).toEqual(['bytes=20-'])
})

test('a wrong checksum, and being offline, are told', async () => {
  await expect(fetchFile(url, { cache, sha256: '12345678' })).rejects.toThrow(ChecksumError)
  await expect(fetchFile(url, { cache, offline: true })).rejects.toThrow(OfflineError)
  // MD5, which crypto.subtle lacks: that of nothing, from RFC 1321.
  serve(() => new Response(''))
  const empty = await fetchFile(url, { cache: false, md5: 'd41d8cd98f00b204e9800998ecf8427e' })
  expect(empty.size).toBe(0)
})
