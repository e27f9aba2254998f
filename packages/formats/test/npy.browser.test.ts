import { BadakError, tensor } from '@badak/tensor'
import { expect, test } from 'vitest'
import { decodeNpz, encodeNpz, saveNpz } from '../src/index.ts'

test('archives are written and read; files are told to be missing', async () => {
  const { a } = decodeNpz(await encodeNpz({ a: tensor([1, 2]) }, { compress: true }))
  expect(await a!.array()).toEqual([1, 2])
  await expect(saveNpz('a.npz', { a: tensor([1]) })).rejects.toThrow(
    new BadakError('saveNpz: there are no files here: pass bytes'),
  )
})
