import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../peers', import.meta.url))

/**
 * Installs the peers if they are not there yet. What cannot be installed is a row of the table that says so.
 */
export function installPeers(): void {
  const locked = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  const marker = join(folder, 'node_modules/.installed')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === locked) return
  console.error('[bench] installing the peers into benchmarks/peers/node_modules (once, about 500 MB)')
  // Scripts of the peers are not run: one would fetch a GPU library.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status === 0) writeFileSync(marker, locked)
  else console.error('[bench] the peers could not be installed; they will be missing from the table')
}
