import { FormatError, isTensor, type Tensor } from '@badak/tensor'
import type { PyTorchValue } from './globals.ts'
import { isDict } from './unpickle.ts'

/** Options of `pickStateDict`. */
export interface StateDictOptions {
  /** The entry of the checkpoint that is the state dict, such as `'model'`; default: the only one there is. */
  readonly key?: string
}

/** A state dict, and what stands beside it in the checkpoint. */
export interface PyTorchContents {
  /** By name; the object has no prototype. */
  readonly tensors: Record<string, Tensor>
  /** The other entries of the checkpoint, such as `epoch`; absent when the file holds a state dict alone. */
  readonly metadata?: { readonly [key: string]: PyTorchValue }
}

/**
 * Picks the state dict of a checkpoint: the checkpoint itself if it is a dict of tensors, else the entry that
 * is one.
 *
 * @throws FormatError when there is none, or more than one and no `key` says which
 *
 * @example
 * ```ts
 * const { tensors, metadata } = pickStateDict(decodePyTorch(bytes), { key: 'model_ema' })
 * ```
 */
export function pickStateDict(checkpoint: PyTorchValue, options: StateDictOptions = {}): PyTorchContents {
  return pickAs('pickStateDict', checkpoint, options)
}

/** @internal */
export function pickAs(
  operation: string,
  checkpoint: PyTorchValue,
  { key }: StateDictOptions,
): PyTorchContents {
  if (key === undefined && isStateDict(checkpoint)) return { tensors: checkpoint }
  const entries = isDict(checkpoint) ? Object.entries(checkpoint) : []
  const found = entries.filter(([name, value]) => (key ?? name) === name && isStateDict(value))
  const picked = found[0]
  if (picked === undefined) {
    const keys = entries.map(([name]) => name).join(', ') || 'none'
    const wanted = key === undefined ? 'no dict of tensors' : `"${key}" is not a dict of tensors`
    throw new FormatError(`${operation}: ${wanted}; the keys are: ${keys}`)
  }
  if (found.length > 1) {
    const names = found.map(([name]) => name).join(', ')
    throw new FormatError(`${operation}: more than one dict of tensors: ${names}: say which with { key }`)
  }
  const metadata = Object.create(null) as Record<string, PyTorchValue>
  for (const [name, value] of entries) {
    if (name !== picked[0]) metadata[name] = value
  }
  const tensors = picked[1] as Record<string, Tensor>
  return Object.keys(metadata).length > 0 ? { tensors, metadata } : { tensors }
}

function isStateDict(value: PyTorchValue): value is Record<string, Tensor> {
  return (
    isDict(value) && Object.keys(value).length > 0 && Object.values(value).every((item) => isTensor(item))
  )
}
