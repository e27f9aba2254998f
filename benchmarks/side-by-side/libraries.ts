import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bundleProgram } from './bundle.ts'

/**
 * Libraries whose types are not there when this is compiled: they are installed when they are first needed.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- their own types say nothing of use to a benchmark
export type Untyped = any

type Badak = typeof import('@badak/tensor') &
  typeof import('@badak/layers') &
  typeof import('@badak/cnn') &
  typeof import('@badak/optimizers')

/** ONNX Runtime, and how its sessions are to be made. */
interface Onnx {
  readonly ort: Untyped
  readonly session: (model: Uint8Array) => Promise<Untyped>
}

export interface Libraries {
  readonly badak: Badak
  readonly tfjs: Untyped
  readonly jax: Untyped
  readonly onnx: Onnx
}

export type LibraryName = keyof Libraries

const requirePeer = createRequire(new URL('../peers/package.json', import.meta.url))

/** How each JavaScript peer opens its library, on so many threads. */
export const open: Readonly<Record<string, (threads: number) => Promise<Libraries[LibraryName]>>> = {
  badak: async (threads) => {
    const [tensor, layers, cnn, optimizers] = await Promise.all([
      import('@badak/tensor'),
      import('@badak/layers'),
      import('@badak/cnn'),
      import('@badak/optimizers'),
    ])
    tensor.configure({ threads })
    return { ...tensor, ...layers, ...cnn, ...optimizers }
  },
  'tfjs-cpu': async () => openTensorFlow('cpu'),
  'tfjs-wasm': async () => openTensorFlow('wasm'),
  'jax-js': openJax,
  'onnxruntime-node': async (threads) => {
    const ort: Untyped = requirePeer('onnxruntime-node')
    const options = { intraOpNumThreads: threads, interOpNumThreads: 1 }
    return { ort, session: (model: Uint8Array) => ort.InferenceSession.create(model, options) }
  },
  'onnxruntime-web': async (threads) => {
    const ort: Untyped = requirePeer('onnxruntime-web')
    ort.env.wasm.numThreads = threads
    const options = { executionProviders: ['wasm'] }
    return { ort, session: (model: Uint8Array) => ort.InferenceSession.create(model, options) }
  },
}

async function openTensorFlow(backend: 'cpu' | 'wasm'): Promise<Untyped> {
  // Its packages for Node.js have no gradients; the file that registers them loads in a bundle only.
  const place = mkdtempSync(join(tmpdir(), 'badak-bench-'))
  process.once('exit', () => rmSync(place, { recursive: true, force: true }))
  const file = join(place, 'tfjs.cjs')
  writeFileSync(
    file,
    bundleProgram(`peers/entries/tfjs-library-${backend}.js`, { platform: 'node', format: 'cjs' }),
  )
  const tf: Untyped = requirePeer(file)
  if (backend === 'wasm')
    tf.setWasmPaths(`${dirname(requirePeer.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/wasm-out/`)
  await tf.setBackend(backend)
  await tf.ready()
  return tf
}

/** jax-js has threads where there is a `Worker` as in browsers; Node.js has one of another kind. */
async function openJax(threads: number): Promise<Untyped> {
  if (threads > 1) {
    const { provideWebWorkers } = await import('./web-worker.ts')
    provideWebWorkers(threads)
  }
  const jax: Untyped = requirePeer('@jax-js/jax')
  await jax.init('wasm')
  jax.defaultDevice('wasm')
  return jax
}
