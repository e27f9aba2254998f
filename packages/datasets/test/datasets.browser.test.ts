import { expect, test } from 'vitest'
import { arrayDataset, DataLoader, DownloadError, mnist, readIdx } from '../src/index.ts'
import { idxFile } from './idx-file.ts'

function gzip(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))
}

/** Answers requests for `<base>/<name>.gz` in place of the network. */
function serve(files: Record<string, Uint8Array<ArrayBuffer>>): () => void {
  const { fetch } = globalThis
  globalThis.fetch = async (address) => {
    const name = (address as string).split('/').at(-1)!.replace('.gz', '')
    return files[name]
      ? new Response(gzip(files[name]))
      : new Response('', { status: 404, statusText: 'Not Found' })
  }
  return () => {
    globalThis.fetch = fetch
  }
}

test('an IDX file is read from a Blob, gzipped or not', async () => {
  const file = idxFile(0x08, [2, 2], [1, 2, 3, 4])
  const expected = { data: Uint8Array.of(1, 2, 3, 4), shape: [2, 2], dtype: 'uint8' }
  expect(await readIdx(new Blob([file]))).toEqual(expected)
  expect(await readIdx(await new Response(gzip(file)).blob())).toEqual(expected)
})

test('MNIST is read from an address', async () => {
  const restore = serve({
    't10k-images-idx3-ubyte': idxFile(0x08, [2, 28, 28], new Uint8Array(2 * 784).fill(255)),
    't10k-labels-idx1-ubyte': idxFile(0x08, [2], [7, 2]),
  })
  try {
    const data = await mnist('test', { directory: 'https://example.org/mnist' })
    const { x, t } = data.get(1)
    expect([data.length, (await x.data())[0], await t.item()]).toEqual([2, 1, 2])
    await expect(mnist('train', { directory: 'https://example.org/mnist' })).rejects.toThrow(
      new DownloadError(
        'mnist: https://example.org/mnist/train-images-idx3-ubyte.gz: the server answered 404 Not Found',
      ),
    )
  } finally {
    restore()
  }
})

test('a DataLoader goes through arrays', async () => {
  const dataset = arrayDataset({ x: { data: Float32Array.of(1, 2, 3), shape: [3] } })
  const seen: unknown[] = []
  for await (const { x } of new DataLoader(dataset, { batchSize: 2 })) seen.push(await x.array())
  expect(seen).toEqual([[1, 2], [3]])
})
