import { createReferenceBackend } from '../backends/reference/index.ts'
import { BackendError, ValueError } from '../errors.ts'
import { observeNodes } from '../graph/build.ts'
import { choose, type Configuration } from './current-backend.ts'
import { evaluateEagerly } from './debug.ts'

const known = new Set([
  'backend',
  'threads',
  'relaxedSimd',
  'sharedMemory',
  'deterministic',
  'convolutionAlgorithm',
  'debug',
  'fuse',
])

const algorithms: ReadonlySet<string> = new Set(['winograd', 'direct'])

/**
 * Chooses where and how graphs are evaluated from now on; what is not named returns to its default.
 * Tensors in memory are carried over when they are next used.
 *
 * @throws ValueError for an unknown option or a bad value
 * @example
 * configure({ backend: 'wasm', threads: 2 })
 */
export function configure(options: Configuration = {}): void {
  for (const name of Object.keys(options)) {
    if (!known.has(name))
      throw new ValueError(`configure: unknown option "${name}"; known: ${[...known].join(', ')}`)
  }
  const { threads, backend: choice, convolutionAlgorithm, debug } = options
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 64)) {
    throw new ValueError(`configure: threads must be an integer from 1 to 64: ${threads}`)
  }
  if (typeof choice === 'string' && choice !== 'wasm' && choice !== 'reference') {
    throw new BackendError(`configure: unknown backend "${String(choice)}"; known: wasm, reference`)
  }
  if (convolutionAlgorithm !== undefined && !algorithms.has(convolutionAlgorithm)) {
    throw new ValueError(
      `configure: convolutionAlgorithm must be 'winograd' or 'direct': ${convolutionAlgorithm as string}`,
    )
  }
  if (debug !== undefined && debug !== false && debug !== 'eager') {
    throw new ValueError(`configure: debug must be 'eager' or false: ${String(debug)}`)
  }
  choose(options, createReferenceBackend)
  observeNodes(debug === 'eager' ? evaluateEagerly : undefined)
}
