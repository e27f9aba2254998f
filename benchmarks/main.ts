// npm run bench -- [--only gemm,conv] [--peers badak,torch] [--filter text] [--threads 1,2] [--quick] [--json file]
// npm run bench -- memory | kernels | memory-bound | overhead | loader [arguments]: badak by itself
import { runSideBySide } from './side-by-side/run.ts'

const alone: Readonly<Record<string, string>> = {
  memory: './memory.ts',
  kernels: './kernels.ts',
  overhead: './overhead.ts',
  'memory-bound': './memory-bound.ts',
  loader: './loader.ts',
}
const [name = '', ...rest] = process.argv.slice(2)
const module = alone[name]
if (module !== undefined) {
  process.argv.splice(2, process.argv.length, ...rest)
  await import(module)
} else if (name !== '' && !name.startsWith('--')) {
  console.error(
    `bench: unknown benchmark "${name}"; known: ${Object.keys(alone).join(', ')}, or options (see benchmarks/README.md)`,
  )
  process.exitCode = 2
} else {
  try {
    await runSideBySide(process.argv.slice(2))
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
