// What both the tests and their workers make batches of.
import { type Tensor, tensor } from '@badak/tensor'
import {
  colorJitter,
  compose,
  type Dataset,
  randomCrop,
  randomErasing,
  randomHorizontalFlip,
  type Sample,
  sampleDataset,
} from '../../src/index.ts'

export const SAMPLES = 23

export type Mode = 'augment' | 'fail' | 'exit' | 'closed' | 'tensors' | 'arrays' | 'slow'

/** Sample `index`: 10 x 12 pixels that say which they are, a class, and as many boxes as the index says. */
function sample(index: number): Sample & { readonly boxes: Float32Array; readonly label: number } {
  const data = Uint8Array.from({ length: 10 * 12 * 3 }, (_, i) => (i * 7 + index * 31) % 256)
  const boxes = Float32Array.from({ length: 4 * (index % 3) }, (_, i) => [1, 2, 9, 8][i % 4]!)
  return { image: { width: 12, height: 10, channels: 3, data }, label: index % 5, boxes }
}

const transform = compose([
  randomCrop(8, { padding: 2 }),
  randomHorizontalFlip(),
  colorJitter({ brightness: 0.4, saturation: 0.5, hue: 0.1 }),
  randomErasing({ value: 'noise' }),
])

export interface Batch {
  readonly x: Tensor
  readonly t: Tensor
  readonly boxes: readonly Float32Array[]
}

export function problem(mode: Mode): Dataset<unknown> {
  if (mode === 'tensors') {
    const same = tensor([1, 2, 3])
    return {
      length: SAMPLES,
      gatherBatch: (indices) => ({
        index: tensor(indices.slice()),
        computed: tensor([...indices]).mul(2),
        same,
        list: [same, tensor([indices.length])],
        names: ['a', 'b'],
      }),
    }
  }
  if (mode === 'arrays') {
    return sampleDataset(
      { length: SAMPLES, get: (index) => index },
      {
        collate(indices: readonly number[], allocate) {
          const data = allocate(4)
          // What was left in it by the batch that had the array before.
          const used = data[3] === 9
          data.set([...indices.slice(0, 3), 0, 0, 0].slice(0, 3))
          data[3] = 9
          return { x: { data, shape: [4] }, used }
        },
      },
    )
  }
  if (mode === 'slow') {
    let [going, most] = [0, 0]
    return sampleDataset(
      { length: SAMPLES, get: (index) => index },
      {
        async transform(index) {
          most = Math.max(most, ++going)
          await new Promise((resolve) => setTimeout(resolve, 2))
          going--
          return index
        },
        collate: () => ({ most }),
      },
    )
  }
  if (mode === 'closed') throw new TypeError('no such directory')
  return sampleDataset(
    {
      length: SAMPLES,
      get(index) {
        if (index === 7 && mode === 'fail') throw new RangeError('a broken image')
        if (index === 7 && mode === 'exit') process.exit(3)
        return sample(index)
      },
    },
    { transform },
  )
}
