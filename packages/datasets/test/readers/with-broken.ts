import type { LabelledImage, Samples } from '../../src/index.ts'

/** Six samples; the second and the fifth cannot be read. */
export const withBroken: Samples<LabelledImage> = {
  length: 6,
  get(index) {
    if (index % 3 === 1) throw new Error(`${index}.jpg: Premature end of JPEG file`)
    return { image: { width: 2, height: 1, channels: 1, data: Uint8Array.of(index, 0) }, label: index }
  },
}
