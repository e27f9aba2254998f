import { fetchFile, type FetchedFile, openZip } from '@badak/formats'
import { FormatError } from '@badak/tensor'
import { cacheOf, isLocal, openFile, placesOf } from '../files.node.ts'
import { type ByteSource, openBytes } from '../idx/byte-source.ts'
import type { IdxImages, ImagesOptions, ImageSplit } from './idx-images.ts'

interface Sources {
  readonly images: ByteSource
  readonly labels: ByteSource
}

/** The two files of a split, from the first place that has both; fetched when none has and that is allowed. */
export async function provide(
  published: IdxImages,
  split: ImageSplit,
  options: ImagesOptions,
): Promise<Sources> {
  const { operation, files } = published
  const { directory } = options
  const names = [files[split].images, files[split].labels] as const
  if (directory !== undefined && !isLocal(directory)) {
    const open = (name: string): Promise<ByteSource> =>
      openBytes(directory.replace(/\/?$/, `/${name}.gz`), operation)
    return pair(await Promise.all(names.map(open)))
  }
  const paths = placesOf(published, names.map(spellings), options)
  if (paths !== undefined) return pair(await Promise.all(paths.map((path) => openFile(path, operation))))
  return published.archive === undefined
    ? pair(await Promise.all(names.map((name) => fetchOne(published, name, options))))
    : fromArchive(published, names, options)
}

function pair([images, labels]: readonly ByteSource[]): Sources {
  return { images: images!, labels: labels! }
}

/** The published name, gzipped or not; some distributions write a dot before `idx`. */
function spellings(name: string): readonly string[] {
  const dotted = name.replace('-idx', '.idx')
  return [name, `${name}.gz`, dotted, `${dotted}.gz`]
}

async function fetchOne(published: IdxImages, name: string, options: ImagesOptions): Promise<ByteSource> {
  const { operation } = published
  const { source } = await fetchPublished(published, `${name}.gz`, published.md5[name]!, options)
  if (typeof source === 'string') return openFile(source, operation)
  return { ...(await openBytes(source, operation)), place: `${name}.gz` }
}

/** From one of the mirrors, into the folder of the data set. */
export function fetchPublished(
  published: Pick<IdxImages, 'operation' | 'folder' | 'mirrors'>,
  file: string,
  md5: string,
  { cache, mirrors = published.mirrors, onProgress }: ImagesOptions,
): Promise<FetchedFile> {
  const { operation, folder } = published
  const addresses = mirrors.map((mirror) => mirror.replace(/\/?$/, `/${file}`))
  return fetchFile(addresses, {
    operation,
    md5,
    file: `${folder}/${file}`,
    ...cacheOf(cache),
    ...(onProgress && { onProgress }),
  })
}

async function fromArchive(
  published: IdxImages,
  names: readonly string[],
  options: ImagesOptions,
): Promise<Sources> {
  const { operation, archive, md5 } = published
  const fetched = await fetchPublished(published, archive!, md5[archive!]!, options)
  const zip = openZip(await fetched.bytes(), { file: archive!, operation })
  const open = async (name: string): Promise<ByteSource> => {
    const entry = [...zip.keys()].find((path) => path.endsWith(`/${name}.gz`) || path === `${name}.gz`)
    if (entry === undefined) throw new FormatError(`${operation}: ${archive}: it has no ${name}.gz`)
    return { ...(await openBytes(zip.get(entry)!(), operation)), place: `${archive}: ${entry}` }
  }
  return pair(await Promise.all(names.map(open)))
}
