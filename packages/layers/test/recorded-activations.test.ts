// Values and gradients of activations as PyTorch computes them, as functions and as layers.
import {
  configure,
  logSoftmax,
  Parameter,
  relu,
  sigmoid,
  softmax,
  softplus,
  tanh,
  type Tensor,
} from '@badak/tensor'
import {
  CELU,
  celu,
  ELU,
  elu,
  GELU,
  gelu,
  GLU,
  glu,
  HardShrink,
  hardShrink,
  HardSigmoid,
  hardSigmoid,
  HardSwish,
  hardSwish,
  HardTanh,
  hardTanh,
  LeakyReLU,
  leakyReLU,
  LogSigmoid,
  logSigmoid,
  LogSoftmax,
  Mish,
  mish,
  ReLU,
  ReLU6,
  relu6,
  SELU,
  selu,
  Sigmoid,
  SiLU,
  silu,
  Softmax,
  Softmin,
  softmin,
  Softplus,
  SoftShrink,
  softShrink,
  Softsign,
  softsign,
  Tanh,
  TanhShrink,
  tanhShrink,
  type Layer,
} from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import { difference, readCases, toTensor, type Recorded } from './fixture.ts'

interface Options {
  readonly negativeSlope?: number
  readonly min?: number
  readonly max?: number
  readonly lambda?: number
  readonly alpha?: number
  readonly beta?: number
  readonly axis?: number
  readonly approximate?: 'none' | 'tanh'
}

interface Case {
  readonly name: keyof typeof activations
  readonly options: Options
  readonly input: Recorded
  readonly upstream: Recorded
  readonly output: Recorded
  readonly inputGradient: Recorded
}

/** Each as a layer and, where it has the options, as a function. */
const activations = {
  relu: [() => new ReLU(), relu],
  relu6: [() => new ReLU6(), relu6],
  leakyReLU: [(o) => new LeakyReLU(o.negativeSlope), leakyReLU],
  hardTanh: [(o) => new HardTanh(o), hardTanh],
  hardSigmoid: [() => new HardSigmoid(), hardSigmoid],
  hardSwish: [() => new HardSwish(), hardSwish],
  hardShrink: [(o) => new HardShrink(o.lambda), hardShrink],
  softShrink: [(o) => new SoftShrink(o.lambda), softShrink],
  sigmoid: [() => new Sigmoid(), sigmoid],
  logSigmoid: [() => new LogSigmoid(), logSigmoid],
  tanh: [() => new Tanh(), tanh],
  tanhShrink: [() => new TanhShrink(), tanhShrink],
  softplus: [(o) => new Softplus(o.beta), (x, { beta = 1 }) => softplus(x.mul(beta)).div(beta)],
  softsign: [() => new Softsign(), softsign],
  elu: [(o) => new ELU(o.alpha), elu],
  celu: [(o) => new CELU(o.alpha), celu],
  selu: [() => new SELU(), selu],
  gelu: [(o) => new GELU(o), gelu],
  silu: [() => new SiLU(), silu],
  mish: [() => new Mish(), mish],
  softmax: [(o) => new Softmax(o), softmax],
  logSoftmax: [(o) => new LogSoftmax(o), logSoftmax],
  softmin: [(o) => new Softmin(o), softmin],
  glu: [(o) => new GLU(o), glu],
} satisfies Record<string, [(options: Options) => Layer, (x: Tensor, options: Options) => Tensor]>

const cases = readCases<Case>(new URL('fixtures/activations.json', import.meta.url))

test('every activation is recorded', () => {
  expect(new Set(cases.map(({ name }) => name))).toEqual(new Set(Object.keys(activations)))
})

describe.each(backends)('%s', (backend) => {
  test.each(
    cases.map((c, i) => [`${i} ${c.name} ${JSON.stringify(c.options)} [${c.input.shape}]`, c] as const),
  )('%s', async (_, c) => {
    configure({ backend })
    const [layer, activation] = activations[c.name]
    const x = new Parameter(toTensor(c.input))
    const y = layer(c.options).forward(x)
    y.mul(toTensor(c.upstream)).sum().backward()
    expect(await difference(y, c.output, 1e-5)).toBe('none')
    expect(await difference(x.grad!, c.inputGradient, 1e-5)).toBe('none')
    expect(await difference(activation(x, c.options), c.output, 1e-5)).toBe('none')
  })
})
