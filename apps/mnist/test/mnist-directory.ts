import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** 200 + 100 images as MNIST lays them out: digit d is a vertical stroke at column 2d + 4, and noise. */
export async function mnistDirectory(root: string): Promise<string> {
  const directory = join(root, 'data')
  await mkdir(directory)
  for (const [prefix, count] of [
    ['train', 200],
    ['t10k', 100],
  ] as const) {
    const images = idx([count, 28, 28])
    const labels = idx([count])
    for (let i = 0; i < count; i++) {
      const digit = (i * 7) % 10
      labels[8 + i] = digit
      for (let pixel = 0; pixel < 784; pixel++) {
        const stroke = Math.abs((pixel % 28) - (2 * digit + 4)) < 2
        images[16 + 784 * i + pixel] = stroke ? 200 + ((i + pixel) % 50) : (i * 31 + pixel * 17) % 40
      }
    }
    await writeFile(join(directory, `${prefix}-images-idx3-ubyte`), images)
    await writeFile(join(directory, `${prefix}-labels-idx1-ubyte`), labels)
  }
  return directory
}

function idx(shape: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + shape.reduce((size, extent) => size * extent, 1))
  bytes.set([0, 0, 8, shape.length])
  for (const [axis, extent] of shape.entries()) new DataView(bytes.buffer).setUint32(4 + 4 * axis, extent)
  return bytes
}
