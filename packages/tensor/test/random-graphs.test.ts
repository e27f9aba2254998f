import { afterAll, describe, expect, test } from 'vitest'
import {
  type Configuration, configure, evaluate, grad, shutdown, sin, type Tensor, tensor,
} from '../src/index.ts'
import { disagreement } from './conformance/compare.ts'
import { randomFor } from './conformance/row.ts'
import { growGraph, type Random } from './conformance/random-graph.ts'

afterAll(shutdown)

/** Special numbers find their way through everything, too. */
const specials = [NaN, Infinity, -Infinity, 0, -0, 1e-40]

function randomInputs(random: Random, special: boolean): Tensor[] {
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const shape: number[] = []
    for (let rank = Math.floor(random() * 5); rank > 0; rank--) shape.push(extent(random))
    const size = shape.reduce((all, each) => all * each, 1)
    const value = (): number =>
      special && random() < 0.08 ? specials[Math.floor(random() * specials.length)]! : 4 * random() - 2
    return tensor(Float32Array.from({ length: size }, value), { shape })
  })
}

/** Mostly small, at times a few vectors long, at times nothing at all. */
function extent(random: Random): number {
  const kind = random()
  return kind < 0.03 ? 0 : kind < 0.12 ? 9 + Math.floor(random() * 12) : 1 + Math.floor(random() * 5)
}

/** Some values of a random graph and the gradients of their sum. */
async function valuesOf(
  name: string,
  special: boolean,
  configuration: Configuration,
): Promise<ArrayLike<number>[]> {
  configure(configuration)
  const inputs = randomInputs(randomFor(`inputs ${name}`), special)
  const grow = (xs: readonly Tensor[]): Tensor[] => growGraph(xs, randomFor(`graph ${name}`))
  const tensors = grow(inputs)
  const floats = (ts: readonly Tensor[]): Tensor[] => ts.filter(({ dtype }) => dtype === 'float32')
  const loss = (...xs: Tensor[]): Tensor =>
    floats([...xs, ...grow(xs)])
      .map((x) => sin(x).sum())
      .reduce((a, b) => a.add(b))
  const all = [...tensors, ...grad(loss, { argnums: inputs.map((_, k) => k) })(...inputs)]
  await evaluate(...all)
  return Promise.all(all.map((x) => x.data()))
}

const graphs = Array.from({ length: 150 }, (_, k) => [`${k}`, k % 3 === 0] as const)

describe('random graphs', () => {
  test.each(graphs)('%s: fusion changes nothing, bit for bit', async (name, special) => {
    const apart = await valuesOf(name, special, { backend: 'reference', fuse: false })
    expect(await valuesOf(name, special, { backend: 'reference' })).toEqual(apart)
  })

  test.each(graphs)('%s: wasm computes what the reference does', async (name, special) => {
    const want = await valuesOf(name, special, { backend: 'reference' })
    for (const options of [{ threads: 2 }, { threads: 1, fuse: false }]) {
      const got = await valuesOf(name, special, { backend: 'wasm', ...options })
      // Some graphs are a dozen operations deep, and some of those steep.
      got.forEach((values, k) => expect(disagreement(values, want[k]!, 1e-4), `tensor ${k}`).toBe(''))
    }
  })
})
