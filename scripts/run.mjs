#!/usr/bin/env node
// Runs one task of this repository on any machine: node scripts/run.mjs <task> [args]
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { env, execute, provide, root } from './toolchain.mjs'

const [task = 'start', ...rest] = process.argv.slice(2)

// Node.js runs TypeScript as it stands; older releases say on each run that they do.
const source = ['--conditions=@badak/source', '--disable-warning=ExperimentalWarning']
const typecheck = 'scripts/typecheck.ts'
const everyPackage = ['-r', '--filter', './packages/*', 'exec']
const checks = {
  lint: ['oxlint', ['--type-aware']],
  imports: ['node', ['scripts/check-imports.ts']],
  types: ['node', [typecheck]],
  unused: ['knip', ['--no-progress', '--no-config-hints']],
  // The API pages: every export has its text, every link its target.
  docs: ['turbo', ['run', 'api', '--output-logs=errors-only']],
  build: ['turbo', ['run', 'build', '--output-logs=errors-only']],
  // What follows reads what the build wrote.
  manifests: ['pnpm', [...everyPackage, 'publint', '--strict']],
  'published types': ['pnpm', [...everyPackage, 'attw', '--pack', '.', '--profile', 'esm-only', '--quiet']],
  size: ['size-limit', []],
  packed: ['node', ['scripts/check-packed.ts']],
}

const plans = {
  setup: [],
  vitest: [['vitest', ['run', ...rest]]],
  lint: [checks.lint, checks.imports],
  format: [['oxfmt', rest]],
  typecheck: [['node', [typecheck, ...rest]]],
  build: [['turbo', ['run', 'build', ...rest]]],
  docs: [['turbo', ['run', 'docs', ...rest]]],
  bench: [['node', [...source, 'benchmarks/main.ts', ...rest]]],
  lab: [['node', [...source, 'apps/lab/src/main.ts', ...rest]]],
  data: [['node', [...source, 'apps/data/src/main.ts', ...rest]]],
  exec: [[rest[0], rest.slice(1)]],
}

/** Every check, then every test; a failure stops neither. */
function test() {
  const outcome = { passed: [], failed: [], skipped: [] }
  for (const [name, [command, args]] of Object.entries(checks)) {
    console.log(`\n— ${name}`)
    if (outcome.failed.includes('build')) {
      outcome.skipped.push(name)
      continue
    }
    outcome[execute(command, args) === 0 ? 'passed' : 'failed'].push(name)
  }
  console.log('\n— tests')
  env.BADAK_CHECKS = JSON.stringify(outcome)
  const status = execute('vitest', ['run', ...rest])
  return outcome.failed.length > 0 ? 1 : status
}

/** An app itself, from its sources; it gets the signals and its exit status becomes ours. */
function start(name) {
  const app = spawn('node', [...source, `apps/${name}/src/main.ts`, ...rest], {
    cwd: root,
    stdio: 'inherit',
    env,
  })
  // At a terminal Ctrl-C reaches the whole process group: passing it on would make it two.
  const terminal = process.stdin.isTTY || process.stdout.isTTY
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !terminal) app.kill(signal)
    })
  }
  app.on('error', (error) => {
    throw error
  })
  app.on('exit', (status, signal) => process.exit(status ?? 128 + constants.signals[signal]))
}

const apps = { start: 'mnist', classify: 'classify' }

if (task in apps) {
  provide({ only: apps[task] })
  start(apps[task])
} else if (task === 'test') {
  provide()
  process.exitCode = test()
} else if (task in plans) {
  provide({ relock: task === 'setup' && !process.env.CI })
  for (const [command, args] of plans[task]) {
    process.exitCode = execute(command, args)
    if (process.exitCode !== 0) break
  }
} else {
  console.error(`unknown task ${task}; known: ${[...Object.keys(apps), 'test', ...Object.keys(plans)].join(', ')}`)
  process.exitCode = 2
}
