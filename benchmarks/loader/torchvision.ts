import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PhotoOptions } from './photo-samples.ts'

/** What torchvision's loader reaches for each number of workers, or why there is nothing to compare with. */
export function torchvisionRates(
  { directory, jitter }: PhotoOptions,
  rounds: number,
): Map<number, number> | string {
  const python = process.env['BADAK_BENCH_PYTHON']
  if (!python) return 'not installed: BADAK_BENCH_PYTHON names no Python with torchvision'
  const script = fileURLToPath(new URL('torchvision_loader.py', import.meta.url))
  const { status, stdout, stderr, error } = spawnSync(
    python,
    [script, directory, String(jitter), String(rounds)],
    { encoding: 'utf8', timeout: 300_000 },
  )
  if (status !== 0) return error?.message ?? stderr.trim().split('\n').at(-1) ?? `status ${status}`
  const rates = JSON.parse(stdout) as Record<string, number>
  return new Map(Object.entries(rates).map(([workers, rate]) => [Number(workers), rate]))
}
