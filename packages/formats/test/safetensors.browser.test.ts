import { BadakError, tensor } from '@badak/tensor'
import { expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors, loadSafetensors, saveSafetensors } from '../src/index.ts'

test('bytes are written and read; files are told to be missing', async () => {
  const bytes = await encodeSafetensors({ a: tensor([1, 2]) }, { epoch: '3' })
  const { tensors, metadata } = decodeSafetensors(bytes)
  expect([await tensors['a']!.array(), metadata]).toEqual([[1, 2], { epoch: '3' }])
  await expect(saveSafetensors('a.safetensors', tensors)).rejects.toThrow(
    new BadakError('saveSafetensors: there are no files here: pass bytes'),
  )
  const address = URL.createObjectURL(new Blob([bytes]))
  expect(Object.keys((await loadSafetensors(address)).tensors)).toEqual(['a'])
  expect(Object.keys((await loadSafetensors(new Blob([bytes]))).tensors)).toEqual(['a'])
})
