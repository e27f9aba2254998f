import { describe, expect, test } from 'vitest'
import { build } from '../src/graph/build.ts'
import type { Node, Op } from '../src/graph/node.ts'
import { applyView, denseView, isDense, type View } from '../src/schedule/view.ts'

/** What a view reads, element by element; −1 where the padding is. */
function read(view: View): number[] {
  const count = view.shape.reduce((all, size) => all * size, 1)
  return Array.from({ length: count }, (_, flat) => {
    const index: number[] = []
    let rest = flat
    for (let axis = view.shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % view.shape[axis]!
      rest = Math.floor(rest / view.shape[axis]!)
    }
    if (view.bounds.some(({ axis, low, high }) => index[axis]! < low || index[axis]! >= high)) return -1
    return index.reduce((sum, at, axis) => sum + at * view.strides[axis]!, view.offset)
  })
}

function leaf(shape: readonly number[]): Node {
  return build({ kind: 'constant', value: 0 }, [], shape, 'float32')
}

function apply(view: View, op: Op, shape: readonly number[]): View | undefined {
  return applyView(view, build(op, [leaf(view.shape)], shape, 'float32'))
}

const reshape = (view: View, shape: number[]): View | undefined => apply(view, { kind: 'reshape' }, shape)

describe('views by hand', () => {
  test('permute, then slice backwards', () => {
    const permuted = apply(denseView([2, 3]), { kind: 'permute', axes: [1, 0] }, [3, 2])!
    expect(read(permuted)).toEqual([0, 3, 1, 4, 2, 5])
    const flipped = apply(permuted, { kind: 'slice', start: [2, 0], step: [-1, 1] }, [3, 2])!
    expect(read(flipped)).toEqual([2, 5, 1, 4, 0, 3])
  })

  test('pad, then slice across the padding, forwards and backwards', () => {
    const padded = apply(denseView([3]), { kind: 'pad', before: [2], value: 9 }, [7])!
    expect(read(padded)).toEqual([-1, -1, 0, 1, 2, -1, -1])
    expect(read(apply(padded, { kind: 'slice', start: [1], step: [2] }, [3])!)).toEqual([-1, 1, -1])
    expect(read(apply(padded, { kind: 'slice', start: [5], step: [-1] }, [5])!)).toEqual([-1, 2, 1, 0, -1])
    expect(read(apply(padded, { kind: 'slice', start: [6], step: [-3] }, [3])!)).toEqual([-1, 1, -1])
  })

  test('reshape keeps strides where axes split or merge in memory', () => {
    const transposed = apply(denseView([4, 6]), { kind: 'permute', axes: [1, 0] }, [6, 4])!
    expect(read(reshape(transposed, [2, 3, 4])!)).toEqual(read(transposed))
    expect(reshape(transposed, [24])).toBeUndefined()
    expect(reshape(transposed, [3, 8])).toBeUndefined()
  })

  test('reshape passes padding by where it is alone on its axis', () => {
    const padded = apply(denseView([4, 3]), { kind: 'pad', before: [0, 1], value: 0 }, [4, 5])!
    expect(read(reshape(padded, [2, 2, 1, 5])!)).toEqual(read(padded))
    expect(reshape(padded, [20])).toBeUndefined()
  })

  test('expand puts new axes in front, also of padding', () => {
    const padded = apply(denseView([1, 2]), { kind: 'pad', before: [0, 1], value: 0 }, [1, 4])!
    const row = [-1, 0, 1, -1]
    expect(read(apply(padded, { kind: 'expand' }, [2, 1, 4])!)).toEqual([...row, ...row])
    const rows = Array.from({ length: 6 }, () => row).flat()
    expect(read(apply(padded, { kind: 'expand' }, [1, 2, 3, 4])!)).toEqual(rows)
    expect(read(apply(denseView([]), { kind: 'expand' }, [1, 3])!)).toEqual([0, 0, 0])
  })

  test('expand, then merge the repeated axes', () => {
    const row = apply(denseView([1, 1, 3]), { kind: 'expand' }, [2, 4, 3])!
    expect(read(reshape(row, [8, 3])!)).toEqual(read(row))
    expect(reshape(row, [2, 12])).toBeUndefined()
  })
})

/** Small linear congruential generator (Numerical Recipes), so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** One random view operation on a shape, with the elements it should give. */
function randomStep(shape: readonly number[], values: readonly number[], next: (below: number) => number) {
  const at = (index: readonly number[]): number => index.reduce((sum, i, axis) => sum * shape[axis]! + i, 0)
  const each = (result: readonly number[], source: (index: number[]) => number): number[] =>
    read(denseView(result)).map((flat) => {
      const index: number[] = []
      for (let axis = result.length - 1, rest = flat; axis >= 0; axis--) {
        index[axis] = rest % result[axis]!
        rest = Math.floor(rest / result[axis]!)
      }
      return source(index)
    })
  switch (next(4)) {
    case 0: {
      const axes = shape.map((_, axis) => axis).sort(() => next(2) - 0.5)
      const result = axes.map((axis) => shape[axis]!)
      const source = (index: number[]): number => values[at(shape.map((_, axis) => index[axes.indexOf(axis)]!))]!
      return { op: { kind: 'permute', axes } as Op, shape: result, values: each(result, source) }
    }
    case 1: {
      const step = shape.map(() => [1, 2, -1, -2][next(4)]!)
      const start = shape.map((size, axis) => (step[axis]! > 0 ? next(size) : size - 1 - next(size)))
      const result = shape.map((size, axis) =>
        step[axis]! > 0 ? Math.ceil((size - start[axis]!) / step[axis]!) : Math.ceil((start[axis]! + 1) / -step[axis]!))
      const source = (index: number[]): number => values[at(index.map((i, axis) => start[axis]! + i * step[axis]!))]!
      return { op: { kind: 'slice', start, step } as Op, shape: result, values: each(result, source) }
    }
    case 2: {
      const before = shape.map(() => next(2))
      const result = shape.map((size, axis) => size + before[axis]! + next(2))
      const source = (index: number[]): number => {
        const inner = index.map((i, axis) => i - before[axis]!)
        return inner.some((i, axis) => i < 0 || i >= shape[axis]!) ? -1 : values[at(inner)]!
      }
      return { op: { kind: 'pad', before, value: 0 } as Op, shape: result, values: each(result, source) }
    }
    default: {
      const count = values.length
      const result: number[] = []
      let rest = count
      for (let divisor = 2; divisor <= rest; divisor++) {
        while (rest % divisor === 0) {
          if (result.length > 0 && next(2)) result[result.length - 1]! *= divisor
          else result.push(divisor)
          rest /= divisor
        }
      }
      if (next(2)) result.splice(next(result.length + 1), 0, 1)
      return { op: { kind: 'reshape' } as Op, shape: result, values: [...values] }
    }
  }
}

test('chains of random views read what the operations say, or are refused', () => {
  const next = generator(1)
  let taken = 0
  for (let round = 0; round < 3000; round++) {
    let view: View | undefined = denseView([1 + next(4), 1 + next(3), 1 + next(4)])
    let values = read(view)
    for (let depth = 0; depth < 4; depth++) {
      const step = randomStep(view.shape, values, next)
      const applied: View | undefined = apply(view, step.op, step.shape)
      if (!applied) break
      view = applied
      values = step.values
      taken++
      expect(read(view)).toEqual(values)
    }
    expect(isDense(view) && values.some((value, k) => value !== values[0]! + k)).toBe(false)
  }
  expect(taken).toBeGreaterThan(5000)
})
