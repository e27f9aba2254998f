import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { bundleProgram } from './bundle.ts'
import type { Result } from './result.ts'
import { median } from './timing.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))

/** Programs that take one training step of a tiny network and print its loss. */
const programs: Readonly<Record<string, string>> = {
  badak: 'entries/badak.ts',
  'tfjs-cpu': 'peers/entries/tfjs-cpu.js',
  'jax-js': 'peers/entries/jax-js.js',
}

const torchProgram = `
import torch
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss = torch.nn.functional.cross_entropy(model(torch.tensor([[1., 2, 3, 4]])), torch.tensor([2]))
loss.backward()
optimizer.step()
print(loss.item())`

type Report = (result: Result) => void

/** Bytes of the program above for a browser: bundled, minified, gzipped. */
export function measureBundles(chosen: (peer: string) => boolean, report: Report): void {
  for (const [peer, program] of Object.entries(programs)) {
    if (!chosen(peer)) continue
    const base = { work: 'bundle', case: 'train an MLP, minified and gzipped', peer, threads: 1 }
    attempt(base, report, () => ({
      bytes: gzipSync(bundleProgram(program, { platform: 'browser', format: 'esm' }), { level: 9 }).length,
    }))
  }
}

/** Milliseconds from the start of a process to the end of that program, each as one bundled file. */
export function measureStartUp(chosen: (peer: string) => boolean, quick: boolean, report: Report): void {
  const place = mkdtempSync(join(tmpdir(), 'badak-bench-'))
  const commands = new Map<string, readonly string[]>([['empty Node.js', [process.execPath, '-e', '0']]])
  const base = (peer: string) => ({ work: 'start-up', case: 'first step of a tiny MLP', peer, threads: 1 })
  try {
    for (const [peer, program] of Object.entries(programs)) {
      if (!chosen(peer)) continue
      const file = join(place, `${peer}.mjs`)
      attempt(
        base(peer),
        (result) => result.error && report(result),
        () => {
          writeFileSync(file, bundleProgram(program, { platform: 'node', format: 'esm' }))
          commands.set(peer, [process.execPath, file])
          return {}
        },
      )
    }
    const python = process.env['BADAK_BENCH_PYTHON']
    if (chosen('torch') && python) commands.set('torch', [python, '-c', torchProgram])
    const times = new Map<string, number[]>([...commands.keys()].map((peer) => [peer, []]))
    const failed = new Map<string, string>()
    for (let round = 0; round < (quick ? 3 : 9); round++) {
      for (const [peer, [command = '', ...args]] of commands) {
        const start = performance.now()
        const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 })
        times.get(peer)!.push(performance.now() - start)
        if (status !== 0)
          failed.set(
            peer,
            stderr
              .trim()
              .split('\n')
              .findLast((line) => /error/i.test(line)) ?? `status ${status}`,
          )
      }
    }
    for (const [peer, each] of times) {
      const error = failed.get(peer)
      report({ ...base(peer), ...(error === undefined ? { milliseconds: median(each) } : { error }) })
    }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function attempt(base: Result, report: Report, measure: () => Partial<Result>): void {
  try {
    report({ ...base, ...measure() })
  } catch (error) {
    report({ ...base, error: String(error instanceof Error ? error.message : error).split('\n')[0]! })
  }
}

/** The versions of the peers that are installed. */
export function peerVersions(): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(join(folder, 'peers/package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return manifest.dependencies
}
