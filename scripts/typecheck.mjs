// Type-checks the whole workspace as one program: node scripts/typecheck.mjs [folder ...]
// With folders, only their errors are shown. Kernels (tensor/src/backends) are checked a second time on their own,
// by a tsconfig without `noUncheckedIndexedAccess`; what the strict pass says about them is dropped here.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../node_modules/typescript-native/bin/tsc', import.meta.url))
const kernels = 'packages/tensor/src/backends/'
const folders = process.argv.slice(2).map((path) => `${path.replace(/\/$/, '')}/`)

/** The errors of one program, each with the lines that explain it. */
function errors(project) {
  const result = spawnSync(process.execPath, [tsc, '-p', project, '--pretty', 'false'], { cwd: root, encoding: 'utf8' })
  if (result.error) throw result.error
  const found = (result.stdout + result.stderr).split(/\n(?=\S)/).filter((text) => text.trim() !== '')
  if (result.status !== 0 && found.length === 0) throw new Error(`tsc -p ${project} ended with ${result.status}`)
  return found
}

const wanted = (text) => folders.length === 0 || folders.some((folder) => text.startsWith(folder)) || !/^[\w.@/-]+\(\d/.test(text)
const strict = errors('.').filter((text) => !text.startsWith(kernels))
const loose = errors(kernels).filter((text) => text.startsWith(kernels) || !/^[\w.@/-]+\(\d/.test(text))
const shown = [...strict, ...loose].filter(wanted)
if (shown.length > 0) {
  console.error(shown.map((text) => text.trimEnd()).join('\n'))
  console.error(`\n${shown.length} type errors`)
  process.exitCode = 1
}
