// Columns of windows as PyTorch's unfold and fold have them, and convolution as their product with the weight.
import { configure, tensor, type Tensor } from '@badak/tensor'
import { col2im, im2col, type Im2colOptions } from '@badak/cnn'
import { describe, expect, test } from 'vitest'
import { backends } from '../../layers/test/backends.ts'
import { difference, readCases, toTensor, type Recorded } from '../../layers/test/fixture.ts'

interface Im2colCase {
  readonly options: Im2colOptions
  readonly image: Recorded
  readonly columns: Recorded
  readonly given: Recorded
  readonly folded: Recorded
}

const recorded = readCases<Im2colCase>(new URL('fixtures/im2col.json', import.meta.url))

describe.each(backends)('im2col on %s', (backend) => {
  test.each(recorded.map((c) => [JSON.stringify(c.options), c] as const))('%s', async (_, c) => {
    configure({ backend })
    const [, , H, W] = c.image.shape as [number, number, number, number]
    const image = toTensor(c.image)
    const given = toTensor(c.given)
    const columns = im2col(image, c.options)
    const folded = col2im(given, [H, W], c.options)
    expect(await difference(columns, c.columns, 0)).toBe('none')
    expect(await difference(folded, c.folded, 1e-6, 1)).toBe('none')
    // The adjoint: ⟨im2col x, y⟩ = ⟨x, col2im y⟩.
    const inner = async (a: Tensor, b: Tensor): Promise<number> => await a.mul(b).sum().item()
    expect(await inner(columns, given)).toBeCloseTo(await inner(image, folded), 4)
  })
})
