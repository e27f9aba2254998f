import { BadakError, tensor } from '@badak/tensor'
import { expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors, loadSafetensors } from '../src/index.ts'

test('bytes are written and read; files are told to be missing', async () => {
  const bytes = await encodeSafetensors({ a: tensor([1, 2]) }, { epoch: '3' })
  const { tensors, metadata } = decodeSafetensors(bytes)
  expect([await tensors['a']!.array(), metadata]).toEqual([[1, 2], { epoch: '3' }])
  await expect(loadSafetensors('a.safetensors')).rejects.toThrow(
    new BadakError('loadSafetensors: there are no files here: pass bytes'),
  )
})
