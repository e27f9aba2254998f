import { type FileSource, loadNpz, type LoadNpzOptions } from '@badak/formats'
import { FormatError } from '@badak/tensor'
import { type ArrayDataset, arrayDataset, type ArrayField } from '../array-dataset.ts'

/** How `npzDataset` reads. */
export interface NpzDatasetOptions extends LoadNpzOptions {
  /** The array of the file for each field, such as `{ x: 'x_train', t: 'y_train' }`; default: all, by their own names. */
  readonly fields?: Readonly<Record<string, string>>
}

/**
 * The arrays of an npz file as a data set: the first axis of each counts the samples.
 *
 * @param source a path (Node, Deno, Bun), an address, a Blob or bytes
 * @param options
 * @throws FormatError, with file and offset, when the file is not what its headers say, or has no such array
 * @throws ShapeError when the arrays differ in the number of samples
 *
 * @example
 * ```ts
 * const train = await npzDataset('mnist.npz', { fields: { x: 'x_train', t: 'y_train' } })
 * ```
 */
export async function npzDataset(
  source: FileSource,
  { fields, ...options }: NpzDatasetOptions = {},
): Promise<ArrayDataset<Readonly<Record<string, ArrayField>>>> {
  const arrays = await loadNpz(source, options)
  const names = Object.keys(arrays)
  const wanted = Object.entries(fields ?? Object.fromEntries(names.map((name) => [name, name])))
  if (wanted.length === 0) throw new FormatError('npzDataset: there are no arrays in the file')
  const entries = wanted.map(async ([field, name]) => {
    const array = Object.hasOwn(arrays, name) ? arrays[name] : undefined
    if (array === undefined)
      throw new FormatError(`npzDataset: there is no ${name} in the file, but ${names.join(', ')}`)
    return [field, { data: await array.data(), shape: array.shape, dtype: array.dtype }] as const
  })
  return arrayDataset(Object.fromEntries(await Promise.all(entries)))
}
