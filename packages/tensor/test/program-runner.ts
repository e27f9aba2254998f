import { expect } from 'vitest'
import type { Backend } from '../src/backends/backend.ts'
import { tensor, type Tensor } from '../src/index.ts'
import { linearize } from '../src/schedule/linearize.ts'
import type { Program } from '../src/schedule/kernels.ts'
import { makeProgram } from '../src/schedule/plan.ts'
import { randomNumbers } from './wasm-kernel-runner.ts'

export interface Planned {
  readonly program: Program
  readonly values: readonly number[]
  /** Elements of each output, by its slot. */
  readonly sizes: ReadonlyMap<number, number>
}

export function plan(results: readonly Tensor[]): Planned {
  const graph = linearize(
    results.map(({ node }) => node),
    () => {},
  )
  const { program, lowered } = makeProgram(graph, true)
  const sizes = new Map(lowered.outputs.map((slot, k) => [slot, results[k]!.size]))
  return { program, values: [...graph.values, ...lowered.fixedValues], sizes }
}

/** The outputs of a program whose inputs hold random numbers; `compiled` is called just before it runs. */
export function outputsOf(
  backend: Backend,
  { program, values, sizes }: Planned,
  compiled: () => void = () => {},
): Float32Array[] {
  const random = randomNumbers(3)
  const buffers = program.slots.map(({ kind, bytes }) => {
    if (kind === 'temporary') return undefined
    const buffer = backend.allocate(bytes)
    const content = Float32Array.from({ length: bytes / 4 }, () => 4 * random() - 2)
    if (kind === 'input') backend.upload(buffer, new Uint8Array(content.buffer))
    return buffer
  })
  const executable = backend.compile(program)
  compiled()
  expect(backend.run(executable, buffers, values)).toBeUndefined()
  const results = [...sizes].map(([slot, size]) => {
    const raw = backend.download(buffers[slot]!, 4 * size) as Uint8Array
    return new Float32Array(raw.buffer, raw.byteOffset, size)
  })
  backend.release(executable)
  for (const buffer of buffers) if (buffer) backend.free(buffer)
  return results
}

export const bitsOf = (backend: Backend, planned: Planned, compiled?: () => void): string[] =>
  outputsOf(backend, planned, compiled).map((each) =>
    Buffer.from(each.buffer, each.byteOffset, each.byteLength).toString('hex'),
  )

/** Input that is filled when a program runs. */
export const x = (...shape: number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b)), { shape })

/** The same kernels one after the other, with a barrier after each. */
export function apart(planned: Planned): Planned {
  const { chains: _, groups: __, ...program } = planned.program
  return { ...planned, program }
}
