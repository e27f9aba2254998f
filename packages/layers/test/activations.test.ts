import { configure, Parameter, ShapeError, tensor, ValueError, zeros } from '@badak/tensor'
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
  PReLU,
  prelu,
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
  step,
  Tanh,
  TanhShrink,
  tanhShrink,
} from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from './backends.ts'

beforeEach(() => configure({ backend: 'reference' }))

const elementwise = {
  celu,
  elu,
  gelu,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyReLU,
  logSigmoid,
  mish,
  relu6,
  selu,
  silu,
  softShrink,
  softsign,
  tanhShrink,
}

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => configure({ backend }))

  test.each(Object.entries(elementwise))('%s of NaN is NaN', async (_, activation) => {
    const values = await activation(tensor([Number.NaN, 1])).data()
    expect([...values].map(Number.isNaN)).toEqual([true, false])
  })

  test('step is 1 above 0, and has no gradient', async () => {
    const x = new Parameter(tensor([-1, 0, 1e-30, Number.NaN]))
    expect(await step(x).array()).toEqual([0, 0, 1, 0])
    x.mul(step(x)).sum().backward()
    expect(await x.grad!.array()).toEqual([0, 0, 1, 0])
  })

  // The limits; PyTorch's gradient is NaN there, ∞ · 0.
  test('gelu by tanh is exact where the cube is infinite', async () => {
    const x = new Parameter(tensor([-1e30, 1e30]))
    const y = gelu(x, { approximate: 'tanh' })
    y.sum().backward()
    expect(await y.div(1e30).array()).toEqual([-0, 1])
    expect(await x.grad!.array()).toEqual([0, 1])
  })
})

test('activations keep float64', () => {
  const x = zeros([1], { dtype: 'float64' })
  for (const activation of [...Object.values(elementwise), step, softmin])
    expect(activation(x).dtype).toBe('float64')
})

test('layers say what they are in a summary', () => {
  const named = [
    new CELU(2),
    new ELU(),
    new GELU(),
    new GLU(),
    new HardShrink(),
    new HardSigmoid(),
    new HardSwish(),
    new HardTanh(),
    new LeakyReLU(),
    new LogSigmoid(),
    new LogSoftmax(),
    new Mish(),
    new PReLU({ numParameters: 3 }),
    new ReLU(),
    new ReLU6(),
    new SELU(),
    new SiLU(),
    new Sigmoid(),
    new SoftShrink(1),
    new Softmax(),
    new Softmin(),
    new Softplus(),
    new Softplus(2),
    new Softsign(),
    new Tanh(),
    new TanhShrink(),
  ]
  expect(named.map(String).join(' ')).toBe(
    'CELU(2) ELU(1) GELU GLU HardShrink(0.5) HardSigmoid HardSwish HardTanh({ min: -1, max: 1 }) ' +
      'LeakyReLU(0.01) LogSigmoid LogSoftmax Mish PReLU(3) ReLU ReLU6 SELU SiLU Sigmoid SoftShrink(1) ' +
      'Softmax Softmin Softplus Softplus(2) Softsign Tanh TanhShrink',
  )
})

const four = zeros([2, 3, 4, 4])
const errors: [() => unknown, Error][] = [
  [() => new LeakyReLU(Number.NaN), new ValueError('LeakyReLU: negativeSlope is not a finite number: NaN')],
  [
    () => new GELU({ approximate: 'fast' as 'none' }),
    new ValueError('GELU: unknown approximation "fast": expected none or tanh'),
  ],
  [() => new ELU(Infinity), new ValueError('ELU: alpha is not a finite number: Infinity')],
  [() => new CELU(0), new ValueError('CELU: alpha is not a positive number: 0')],
  [() => celu(four, { alpha: -1 }), new ValueError('celu: alpha is not a positive number: -1')],
  [() => new Softplus(-1), new ValueError('Softplus: beta is not a positive number: -1')],
  [() => new HardTanh({ min: 1, max: 1 }), new ValueError('HardTanh: min is not below max: 1, 1')],
  [() => hardTanh(four, { min: 2 }), new ValueError('hardTanh: min is not below max: 2, 1')],
  [() => new HardTanh({ max: Infinity }), new ValueError('HardTanh: max is not a finite number: Infinity')],
  [() => new HardShrink(-1), new ValueError('HardShrink: lambda is not a number ≥ 0: -1')],
  [() => hardShrink(four, { lambda: NaN }), new ValueError('hardShrink: lambda is not a number ≥ 0: NaN')],
  [() => new SoftShrink(-1), new ValueError('SoftShrink: lambda is not a number ≥ 0: -1')],
  [() => softShrink(four, { lambda: -1 }), new ValueError('softShrink: lambda is not a number ≥ 0: -1')],
  [() => glu(four, { axis: 1 }), new ShapeError('glu: axis 1 has no two halves: [2,3,4,4]')],
  [() => new PReLU({ numParameters: 0 }), new ValueError('PReLU: numParameters is not an integer ≥ 1: 0')],
  [() => new PReLU({ init: NaN }), new ValueError('PReLU: init is not a finite number: NaN')],
  [
    () => new PReLU({ numParameters: 2 }).forward(four),
    new ShapeError('prelu: weight is neither [1] nor [3]: [2] for input [2,3,4,4]'),
  ],
  [() => prelu(zeros([2]), zeros([2])), new ShapeError('prelu: weight is not [1]: [2] for input [2]')],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
