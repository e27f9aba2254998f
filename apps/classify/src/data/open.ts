import { folderSource } from './folder.ts'
import { dataNames, namedSource } from './named.ts'
import type { Source, SourceOptions } from './source.ts'

/** The images that `--data` names: a data set, or a folder. */
export async function openSource(data: string, options: SourceOptions): Promise<Source> {
  const name = dataNames.find((each) => each === data)
  return name === undefined ? folderSource(data, options) : namedSource(name, options)
}
