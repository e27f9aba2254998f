// Type-checks the whole workspace as one program: node scripts/typecheck.ts [folder ...]
// With folders, only the errors in them are shown. Kernels are checked a second time, on their own, by a
// tsconfig without `noUncheckedIndexedAccess`; what the strict pass says about them is dropped.
import { spawnSync } from 'node:child_process'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../node_modules/typescript-native/bin/tsc', import.meta.url))
const kernels = 'packages/tensor/src/backends/'

/** One error with the lines that explain it; `file` is empty when the error is about the configuration. */
interface TypeError {
  readonly file: string
  readonly text: string
}

function typeErrors(project: string): TypeError[] {
  const args = [tsc, '-p', project, '--pretty', 'false']
  const { error, status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (error) throw error
  const texts = (stdout + stderr).split(/\n(?=\S)/).map((text) => text.trimEnd())
  const found = texts.filter((text) => text !== '')
  if (status !== 0 && found.length === 0) throw new Error(`tsc -p ${project} ended with status ${status}`)
  return found.map((text) => ({ file: /^(\S+)\(\d+,\d+\): /.exec(text)?.[1] ?? '', text }))
}

const folders = process.argv.slice(2).map((path) => `${relative(root, path)}/`)
const asked = (file: string) => folders.length === 0 || folders.some((folder) => file.startsWith(folder))
const shown = [
  ...typeErrors('.').filter(({ file }) => !file.startsWith(kernels)),
  ...typeErrors(kernels).filter(({ file }) => file === '' || file.startsWith(kernels)),
].filter(({ file }) => file === '' || asked(file))

for (const { text } of shown) console.error(text)
if (shown.length > 0) {
  console.error(`\n${shown.length} type error${shown.length === 1 ? '' : 's'}`)
  process.exitCode = 1
}
