// Arrays of MNIST's shapes: how long they take does not depend on what is drawn in them.
import { arrayDataset, randomWarp } from '@badak/datasets'
import { Generator } from '@badak/tensor'

const DIGITS = 20_000

/** Turned, moved, scaled and, where it is wanted, bent. */
export function warpedDigits({ elastic }: { readonly elastic: boolean }) {
  const generator = new Generator(1n)
  const bytes = Uint8Array.from({ length: 28 * 28 }, () => generator.integers(256))
  const x = new Uint8Array(DIGITS * bytes.length)
  for (let i = 0; i < DIGITS; i++) x.set(bytes, i * bytes.length)
  const t = Int32Array.from({ length: DIGITS }, (_, i) => i % 10)
  const digits = arrayDataset({
    x: {
      data: x,
      shape: [DIGITS, 1, 28, 28],
      dtype: 'float32',
      lookup: Float32Array.from({ length: 256 }, (_, i) => i / 255),
    },
    t: { data: t, shape: [DIGITS] },
  })
  return randomWarp(digits, {
    degrees: 10,
    shift: 2,
    scale: [0.9, 1.1],
    ...(elastic && { elastic: { alpha: 34, sigma: 4 } }),
  })
}
