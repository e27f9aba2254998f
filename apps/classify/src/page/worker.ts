import { decodeSafetensors } from '@badak/formats'
import { BadakError, configure } from '@badak/tensor'
import { Classifier } from '../classifier.ts'
import { readDescription } from '../description.ts'
import { look } from './look.ts'
import { readPicture } from './picture.ts'
import type { Answer, Request } from './protocol.ts'

/** What this file needs of a worker's global scope, which the library of the DOM does not describe. */
interface Scope {
  addEventListener(name: 'message', listen: (event: MessageEvent<Request>) => void): void
  postMessage(message: Answer, transfer?: readonly ArrayBuffer[]): void
}
const scope = globalThis as unknown as Scope

const threads = globalThis.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1
configure({ backend: 'wasm', threads })

let classifier: Classifier | undefined

async function bytesOf(source: string | Blob): Promise<Uint8Array> {
  if (typeof source !== 'string') return new Uint8Array(await source.arrayBuffer())
  const response = await fetch(source)
  if (!response.ok) throw new BadakError(`${source}: status ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

async function open(source: string | Blob): Promise<Answer> {
  const { tensors, metadata } = decodeSafetensors(await bytesOf(source))
  const next = Classifier.from(tensors, readDescription(metadata))
  classifier = next
  const parameters = next.network.parameters().reduce((sum, { size }) => sum + size, 0)
  return { kind: 'opened', description: next.description, parameters, threads }
}

async function answer(request: Request): Promise<void> {
  if (request.kind === 'open') return scope.postMessage(await open(request.source))
  const { id, picture, target } = request
  if (!classifier) throw new BadakError('no network is open')
  const sight = await look(classifier, await readPicture(picture), target)
  if (!sight) return scope.postMessage({ kind: 'blank', id })
  const paintings = [sight.input, sight.heat, ...sight.layers]
  scope.postMessage(
    { kind: 'seen', id, sight },
    paintings.map(({ rgba }) => rgba),
  )
}

// One after another: an answer never overtakes the one before.
let queue = Promise.resolve()
scope.addEventListener('message', ({ data }) => {
  queue = queue
    .then(() => answer(data))
    .catch((error: unknown) => {
      const id = data.kind === 'look' ? data.id : undefined
      const message = error instanceof Error ? error.message : String(error)
      scope.postMessage({ kind: 'failed', id, message })
    })
})
