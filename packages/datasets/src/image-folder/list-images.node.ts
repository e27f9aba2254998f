import { BadakError } from '@badak/tensor'
import { DataNotFoundError } from '../dataset-errors.ts'
import { builtin, reason } from '../files.node.ts'

/** An image of a directory. */
export interface FolderSample {
  readonly path: string
  readonly label: number
}

interface Listing {
  readonly classes: readonly string[]
  readonly files: readonly FolderSample[]
  readonly ignored: readonly string[]
}

const IMAGE = /\.(jpe?g|png|webp)$/i

/** The folders of a directory and the images in them, in torchvision's order. */
export async function listImages(source: string | URL): Promise<Listing> {
  const fs = builtin('node:fs/promises')
  const paths = builtin('node:path')
  if (!fs || !paths) throw new BadakError('imageFolder: there are no directories here')
  const directory = source instanceof URL ? builtin('node:url')!.fileURLToPath(source) : source
  const children = await entriesOf(directory)
  const classes: string[] = []
  for (const name of children) if (await isDirectory(paths.join(directory, name))) classes.push(name)
  if (classes.length === 0)
    throw new DataNotFoundError(`imageFolder: ${directory}: there is no folder in it: each class has one`)
  const files: FolderSample[] = []
  const ignored: string[] = []
  for (const [label, name] of classes.entries()) {
    const before = files.length
    for await (const path of walk(paths.join(directory, name), new Set())) {
      if (IMAGE.test(path)) files.push({ path, label })
      else ignored.push(path)
    }
    if (files.length === before)
      throw new DataNotFoundError(`imageFolder: ${paths.join(directory, name)}: there is no image in it`)
  }
  return { classes, files, ignored }
}

/** The files of a folder, then those of its folders. A link that leads back is followed once. */
async function* walk(folder: string, above: ReadonlySet<string>): AsyncGenerator<string> {
  const { realpath } = builtin('node:fs/promises')!
  const { join } = builtin('node:path')!
  const real = await realpath(folder)
  if (above.has(real)) return
  const folders: string[] = []
  for (const name of await entriesOf(folder)) {
    const path = join(folder, name)
    if (await isDirectory(path)) folders.push(path)
    else yield path
  }
  for (const inner of folders) yield* walk(inner, new Set([...above, real]))
}

/** In the order of code points, as Python sorts. */
async function entriesOf(directory: string): Promise<string[]> {
  const { readdir } = builtin('node:fs/promises')!
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new DataNotFoundError(`imageFolder: ${directory}: ${reason(cause)}`, { cause })
  })
  return names.sort((a, b) => compareCodePoints(a, b))
}

function compareCodePoints(a: string, b: string): number {
  const [first, second] = [Array.from(a), Array.from(b)]
  const at = first.findIndex((character, i) => character !== second[i])
  if (at < 0) return first.length - second.length
  return at >= second.length ? 1 : first[at]!.codePointAt(0)! - second[at]!.codePointAt(0)!
}

async function isDirectory(path: string): Promise<boolean> {
  const { stat } = builtin('node:fs/promises')!
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  )
}
