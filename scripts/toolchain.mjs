// Gives every task the same pnpm, Node.js and dependencies, whatever the machine has.
// Needs nothing but Node >= 18 and npm; what it fetches lies in .toolchain/.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const toolchain = join(root, '.toolchain')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const pnpmVersion = manifest.packageManager.split('@')[1].split('+')[0]
const windows = process.platform === 'win32'

/** What the tools and the app run in: the chosen Node.js and the workspace's tools come first on the PATH. */
export const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
// `npm start` exports its own configuration; none of it is meant for pnpm.
const kept = /^npm_config_(registry|cafile)$/i
for (const name of Object.keys(env)) if (/^npm_/i.test(name) && !kept.test(name)) delete env[name]

function addToPath(directory) {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  env[key] = [directory, env[key]].join(delimiter)
}

/** Runs a command to its end and returns its exit status. Windows finds `.cmd` files only through a shell. */
export function execute(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env, shell: windows, ...options })
  if (result.error) throw result.error
  return result.status ?? 1
}

function mustExecute(command, args, options) {
  const status = execute(command, args, options)
  if (status !== 0) process.exit(status)
}

/** Runs `install` once per directory; `.toolchain/<label>/.ready` marks it done. */
function once(label, install) {
  const directory = join(toolchain, label)
  if (!existsSync(join(directory, '.ready'))) {
    console.error(`[setup] fetching ${label} into .toolchain/`)
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'package.json'), '{ "private": true }\n')
    install(directory)
    writeFileSync(join(directory, '.ready'), '')
  }
  return join(directory, 'node_modules')
}

/** The pnpm on the PATH if it has the pinned major version, otherwise one of our own; put on the PATH. */
function providePnpm() {
  const found = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8', shell: windows, env })
  if (found.status === 0 && found.stdout.trim().split('.')[0] === pnpmVersion.split('.')[0]) return
  const modules = once(`pnpm-${pnpmVersion}`, (directory) => {
    const quiet = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
    mustExecute('npm', ['install', '--prefix', directory, ...quiet, `pnpm@${pnpmVersion}`], {
      cwd: directory,
    })
  })
  // pnpm is a native program in a package of its own, one per platform.
  const native = readdirSync(join(modules, '@pnpm')).find((name) => name.startsWith('exe.'))
  addToPath(join(modules, '@pnpm', native))
}

/** Node.js releases that every tool in this repository supports, and that run TypeScript as it stands. */
function supported(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  return (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26
}

/** The running Node.js if every tool supports it, otherwise one of our own; put on the PATH. */
function provideNode() {
  if (supported(process.version)) return addToPath(dirname(process.execPath))
  providePnpm()
  const version = manifest.toolchain.node
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  const name = `${prefix}-${windows ? 'win' : process.platform}-${process.arch}`
  const modules = once(`node-${version}`, (directory) => {
    const quiet = ['--ignore-workspace', '--ignore-scripts', '--reporter=silent']
    mustExecute('pnpm', ['add', ...quiet, `${name}@${version}`], { cwd: directory })
  })
  addToPath(join(modules, name, 'bin'))
}

/** One line that changes when what `pnpm install` would do changes. */
function fingerprint() {
  const hash = createHash('sha256')
  const within = (parent) => readdirSync(join(root, parent)).map((name) => join(parent, name))
  const members = ['.', 'docs', 'benchmarks', ...within('packages'), ...within('apps')]
  const manifests = members.map((path) => join(path, 'package.json'))
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

/**
 * Installs the dependencies, unless the last install was for the same lockfile and manifests.
 *
 * @param options.only   a workspace package: fetch only what it needs to run
 * @param options.relock let the lockfile follow changed manifests
 */
function provideDependencies({ only, relock = false }) {
  const marker = join(toolchain, 'installed')
  const [scope, hash] = existsSync(marker) ? readFileSync(marker, 'utf8').split(' ') : []
  const enough = scope === 'all' || scope === only
  if (existsSync(join(root, 'node_modules')) && enough && hash === fingerprint() && !relock) return
  if (only) providePnpm()
  const lock = relock ? '--no-frozen-lockfile' : '--frozen-lockfile'
  const part = only && scope !== 'all' ? ['--prod', '--filter', `${only}...`] : []
  mustExecute('pnpm', [...part, 'install', lock, '--prefer-offline', '--reporter=append-only'])
  writeFileSync(marker, `${part.length > 0 ? only : 'all'} ${fingerprint()}`)
}

/** Makes the machine ready for a task; returns at once when it already is. */
export function provide(options = {}) {
  mkdirSync(toolchain, { recursive: true })
  provideNode()
  // turbo and the checks of every package call pnpm; an app that is already installed does without.
  if (!options.only) providePnpm()
  provideDependencies(options)
  addToPath(join(root, 'node_modules', '.bin'))
}
