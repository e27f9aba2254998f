// A directory of JPEGs, made for the occasion: as large as those of ImageNet, of smooth and of busy places.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeJPEG, type Image } from '@badak/images'
import { Generator } from '@badak/tensor'

const [WIDTH, HEIGHT] = [500, 375]

export interface Photos extends AsyncDisposable {
  readonly directory: string
  readonly files: number
  /** The mean size of a file, in bytes. */
  readonly bytes: number
}

/** How many are drawn; the files repeat them. */
const DRAWN = 64

/** `files` photos in two folders, one for each class; gone when they are disposed. */
export async function makePhotos(files: number): Promise<Photos> {
  const directory = await mkdtemp(join(tmpdir(), 'badak-photos-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true })
  try {
    let total = 0
    for (const name of ['first', 'second']) await mkdir(join(directory, name))
    const drawn = Array.from({ length: DRAWN }, (_, i) =>
      encodeJPEG(photo(i), { quality: 75, progressive: false }),
    )
    for (let i = 0; i < files; i++) {
      const bytes = await drawn[i % DRAWN]!
      total += bytes.length
      await writeFile(join(directory, i % 2 ? 'second' : 'first', `${i}.jpg`), bytes)
    }
    return { directory, files, bytes: total / files, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Waves of light, edges, and grain in one half of it. */
export function photo(seed: number): Image {
  const generator = new Generator(BigInt(seed))
  const [a, b, edge, grain] = [20, 20, 16, 25].map((least) => least * (1 + generator.uniform()))
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 3)
  let state = seed + 1
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const board = 40 * ((Math.floor(x / edge!) + Math.floor(y / edge!)) & 1)
      for (let c = 0; c < 3; c++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        const noise = x + y > 437 ? grain! * (state / 2 ** 32 - 0.5) : 0
        data[at++] = 100 + board + noise + 70 * Math.sin(x / (a! + 5 * c)) * Math.cos(y / b! + c)
      }
    }
  }
  return { width: WIDTH, height: HEIGHT, channels: 3, data: new Uint8Array(data.buffer) }
}
