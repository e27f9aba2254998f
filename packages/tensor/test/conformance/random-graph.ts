import {
  atan, avgPool2d, concat, conv2d, cumsum, erf, maxPool2d, sin, sort, stack, tensor, type Tensor,
} from '../../src/index.ts'

/** Numbers in [0, 1). */
export type Random = () => number

/** A step from one tensor to the next; undefined where it does not apply. */
type Step = (x: Tensor, choose: Choices) => Tensor | undefined

/** Random choices, and the tensors made so far. */
class Choices {
  readonly #random: Random
  readonly pool: Tensor[]

  constructor(random: Random, pool: readonly Tensor[]) {
    this.#random = random
    this.pool = [...pool]
  }

  /** An integer from 0 to n − 1. */
  below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  chance(p: number): boolean {
    return this.#random() < p
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  axes(x: Tensor): number[] {
    return x.shape.map((_, axis) => axis).filter((axis) => x.shape[axis]! > 0 && this.chance(0.5))
  }

  /** An axis that is not empty. */
  axis(x: Tensor): number | undefined {
    const axes = x.shape.map((_, axis) => axis).filter((axis) => x.shape[axis]! > 0)
    return axes.length > 0 ? this.of(axes) : undefined
  }
}

const functions: readonly ((x: Tensor) => Tensor)[] = [
  (x) => x.tanh(), sin, (x) => x.sigmoid(), (x) => x.relu(), (x) => x.neg(), (x) => x.abs(), erf,
  (x) => x.softplus(), atan,
]
const binaries = ['add', 'sub', 'mul', 'maximum', 'minimum'] as const

const elementwise: Step[] = [
  (x, choose) => choose.of(functions)(x),
  (x) => x.tanh().exp(),
  (x, choose) => {
    const partners = choose.pool.filter((y) => y.dtype === 'float32' && broadcasts(x, y))
    return x[choose.of(binaries)](choose.chance(0.7) ? choose.of([x, ...partners]) : 0.5)
  },
  (x) => x.greater(0.1).where(x, x.mul(0.5).add(1)),
  (x) => x.cast('float16').cast('float32'),
]

const views: Step[] = [
  (x, choose) => {
    const divisors = [1, 2, 3, 4, 5, 6, 8].filter((d) => x.size > 0 && x.size % d === 0)
    return divisors.length > 0 ? x.reshape([choose.of(divisors), -1]) : undefined
  },
  (x, choose) => {
    const left = x.shape.map((_, axis) => axis)
    return x.permute(x.shape.map(() => left.splice(choose.below(left.length), 1)[0]!))
  },
  (x, choose) => {
    const thin = x.unsqueeze(choose.below(x.rank + 1))
    return thin.expand(thin.shape.map((size) => (size === 1 ? 1 + choose.below(3) : size)))
  },
  (x, choose) =>
    x.slice(
      x.shape.map((size) => {
        if (choose.chance(0.4)) return undefined
        const [a, b] = [choose.below(size + 1), choose.below(size + 1)]
        const step = 1 + choose.below(3)
        return choose.chance(0.5) ? [Math.min(a, b), Math.max(a, b), step] : [Math.max(a, b), null, -step]
      }),
    ),
  (x, choose) => x.flip(choose.axes(x)),
  (x, choose) =>
    x.pad(
      x.shape.map(() => [choose.below(3), choose.below(2)]),
      { value: choose.of([0, 2]) },
    ),
  (x, choose) => {
    const axis = choose.axis(x)
    return axis === undefined ? stack([x, x]) : concat([x, x.flip(axis)], { axis })
  },
]

const reductions: Step[] = [
  (x, choose) => x.mean({ axis: choose.axes(x), keepDims: choose.chance(0.5) }),
  (x, choose) =>
    x[choose.of(['max', 'min'] as const)]({ axis: choose.axes(x), keepDims: choose.chance(0.5) }),
  alongAxis((x, axis, choose) => (choose.chance(0.5) ? x.softmax({ axis }) : x.logSoftmax({ axis }).tanh())),
  alongAxis((x, axis) => cumsum(x.mul(0.2), { axis })),
  alongAxis((x, axis, choose) => sort(x, { axis, descending: choose.chance(0.5) }).values),
  alongAxis((x, axis) => x.gather(x.argmax({ axis, keepDims: true }), { axis })),
  alongAxis((x, axis, choose) => {
    const index = Int32Array.from({ length: 1 + choose.below(6) }, () => choose.below(x.shape[axis]!))
    return x.take(tensor(index), { axis })
  }),
  alongAxis((x, axis) => {
    const centred = x.sub(x.mean({ axis, keepDims: true }))
    return centred.div(centred.square().mean({ axis, keepDims: true }).add(0.1).sqrt())
  }),
]

const contractions: Step[] = [
  (x) => (x.rank < 2 ? undefined : x.matmul(x.transpose()).tanh()),
  (x) => (x.rank < 2 ? undefined : x.transpose().matmul(x).mul(0.1)),
  (x, choose) => {
    if (x.rank !== 4 || x.size === 0 || x.shape[1]! > 12) return undefined
    const [, channels, height, width] = x.shape as [number, number, number, number]
    const kernel = [1 + choose.below(Math.min(3, height)), 1 + choose.below(Math.min(3, width))] as const
    const size = channels * kernel[0] * kernel[1]
    const weight = Float32Array.from({ length: 2 * size }, (_, k) => Math.sin(1.7 * k) / Math.sqrt(size))
    return conv2d(x, tensor(weight, { shape: [2, channels, ...kernel] }), {
      stride: 1 + choose.below(2),
      padding: choose.below(2),
    })
  },
  (x, choose) => {
    if (x.rank < 2 || x.size === 0) return undefined
    const kernel = [
      1 + choose.below(Math.min(3, x.shape.at(-2)!)),
      1 + choose.below(Math.min(3, x.shape.at(-1)!)),
    ] as const
    const stride = 1 + choose.below(2)
    return choose.chance(0.5) ? maxPool2d(x, { kernel, stride }) : avgPool2d(x, { kernel, stride })
  },
]

const steps = [...elementwise, ...views, ...views, ...reductions, ...contractions]

function alongAxis(step: (x: Tensor, axis: number, choose: Choices) => Tensor): Step {
  return (x, choose) => {
    const axis = choose.axis(x)
    return axis === undefined ? undefined : step(x, axis, choose)
  }
}

function broadcasts(x: Tensor, y: Tensor): boolean {
  return y.shape.every((size, k) => {
    const other = x.shape[x.rank - y.rank + k] ?? 1
    return size === other || size === 1 || other === 1
  })
}

/**
 * Up to a dozen operations on some tensors and on what comes out of them; the same ones for the same random
 * numbers.
 */
export function growGraph(inputs: readonly Tensor[], random: Random): Tensor[] {
  const choose = new Choices(random, inputs)
  const count = 2 + choose.below(11)
  for (let k = 0; k < count; k++) {
    const x = choose.chance(0.6) ? choose.pool.at(-1)! : choose.of(choose.pool)
    const y = choose.of(steps)(x, choose)
    if (y && y.size <= 10_000) choose.pool.push(y)
  }
  return choose.pool.slice(inputs.length)
}
