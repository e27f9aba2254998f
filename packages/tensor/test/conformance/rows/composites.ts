import {
  arange,
  concat,
  conv2d,
  cos,
  cumsum,
  erf,
  maxPool2d,
  noGrad,
  sin,
  sort,
  type Tensor,
} from '../../../src/index.ts'
import { float, int, row, type Row } from '../row.ts'

/** What the scheduler may fuse, split, store or view in many ways: whole pieces of networks. */
const layerNorm = (x: Tensor): Tensor => {
  const centred = x.sub(x.mean({ axis: -1, keepDims: true }))
  return centred.div(centred.square().mean({ axis: -1, keepDims: true }).add(1e-5).sqrt())
}

const gelu = (x: Tensor): Tensor => x.mul(0.5).mul(erf(x.div(Math.SQRT2)).add(1))

export const composites: Row[] = [
  row('long elementwise chain', [float([5, 7])], (x) =>
    gelu(x.mul(2).add(1).tanh().exp().sub(0.5)).sigmoid().sqrt().log1p(),
  ),
  row('a value used three times', [float([4, 5])], (x) => {
    const y = x.exp()
    return y.mul(y.add(1)).sub(y)
  }),
  row('diamond of reductions', [float([4, 5])], (x) =>
    x
      .sum({ axis: 0, keepDims: true })
      .mul(x.sum({ axis: 1, keepDims: true }))
      .add(x),
  ),
  row('layer norm', [float([6, 8]), float([8]), float([8])], (x, g, b) => layerNorm(x).mul(g).add(b), {
    gradientTolerance: 2e-5,
  }),
  row(
    'batch norm',
    [float([3, 2, 4, 4]), float([2]), float([2])],
    (x, g, b) => {
      const axis = [0, 2, 3]
      const scale = x.variance({ axis, correction: 0, keepDims: true }).add(1e-5).rsqrt()
      return x
        .sub(x.mean({ axis, keepDims: true }))
        .mul(scale)
        .mul(g.reshape([2, 1, 1]))
        .add(b.reshape([2, 1, 1]))
    },
    { gradientTolerance: 2e-5 },
  ),
  row('softmax cross-entropy', [float([7, 5], -5, 5), int([7], 0, 4)], (x, t) =>
    x
      .logSoftmax()
      .gather(t.reshape([7, 1]), { axis: 1 })
      .mean()
      .neg(),
  ),
  row(
    'attention',
    [float([2, 4, 6]), float([2, 5, 6]), float([2, 5, 3])],
    (q, k, v) => q.matmul(k.transpose()).div(Math.sqrt(6)).softmax().matmul(v),
    { tolerance: 3e-6 },
  ),
  row(
    'two-layer perceptron',
    [float([5, 4]), float([6, 4]), float([6]), float([3, 6]), float([3])],
    (x, v, a, w, b) => x.matmul(v.transpose()).add(a).relu().matmul(w.transpose()).add(b).logSoftmax(),
    { tolerance: 3e-6 },
  ),
  row(
    'conv block',
    [float([2, 1, 8, 8]), float([3, 1, 3, 3]), float([3]), float([27, 4])],
    (x, w, b, v) =>
      maxPool2d(
        conv2d(x, w)
          .add(b.reshape([3, 1, 1]))
          .relu(),
        { kernel: 2 },
      )
        .flatten({ start: 1 })
        .matmul(v),
    { tolerance: 3e-6 },
  ),
  row(
    'residual',
    [float([1, 2, 6, 6]), float([2, 2, 3, 3])],
    (x, w) => conv2d(x, w, { padding: 1 }).add(x).relu(),
    { tolerance: 3e-6 },
  ),
  row(
    'recurrence',
    [float([4, 3]), float([3, 3]), float([4, 3])],
    (x, w, h) => {
      let state = h
      for (let t = 0; t < 3; t++) state = x.add(state.matmul(w)).tanh()
      return state
    },
    { tolerance: 3e-6, gradientTolerance: 2e-5 },
  ),
  row('gates', [float([4, 12])], (x) => {
    const [i, f, g] = x.split(3, { axis: 1 }) as [Tensor, Tensor, Tensor]
    return i.sigmoid().mul(g.tanh()).add(f.sigmoid())
  }),
  row('rotary halves', [float([3, 8]), float([3, 4])], (x, angle) => {
    const [a, b] = x.split(2, { axis: 1 }) as [Tensor, Tensor]
    return concat([a.mul(cos(angle)).sub(b.mul(sin(angle))), b.mul(cos(angle)).add(a.mul(sin(angle)))], {
      axis: 1,
    })
  }),
  row('distance matrix', [float([5, 3]), float([4, 3])], (a, b) =>
    a.unsqueeze(1).sub(b.unsqueeze(0)).square().sum({ axis: 2 }).sqrt(),
  ),
  row(
    'moving average',
    [float([3, 10])],
    (x) => {
      const sums = cumsum(x).pad([
        [0, 0],
        [1, 0],
      ])
      return sums
        .slice([undefined, [3]])
        .sub(sums.slice([undefined, [0, -3]]))
        .div(3)
    },
    { tolerance: 2e-6 },
  ),
  row('reduce of a flipped, padded product', [float([4, 5]), float([4, 5])], (a, b) =>
    a
      .mul(b.flip(1))
      .pad(
        [
          [1, 0],
          [0, 2],
        ],
        { value: 1 },
      )
      .sum({ axis: 1 }),
  ),
  row('reduce of a transposed expression', [float([4, 6])], (x) =>
    x
      .exp()
      .transpose()
      .slice([[1, 6, 2]])
      .max({ axis: 1 }),
  ),
  row('reduction then epilogue then reduction', [float([4, 6, 3])], (x) =>
    x.sum({ axis: 2 }).tanh().mul(2).max({ axis: 1 }),
  ),
  row('epilogue transposed', [float([4, 6, 3])], (x) => x.sum({ axis: 2 }).add(1).transpose().square()),
  row('epilogue with a broadcast', [float([4, 6]), float([4, 1])], (x, y) =>
    x.sum({ axis: 1, keepDims: true }).mul(y).add(x),
  ),
  row('stopGradient', [float([3, 4])], (x) => x.mul(x.stopGradient()), { slope: false }),
  row('noGrad', [float([3, 4])], (x) => x.mul(noGrad(() => x.exp())), { slope: false }),
  row('sorted and weighted', [float([3, 6]), float([6])], (x, w) =>
    sort(x, { descending: true }).values.mul(w).sum({ axis: 1 }),
  ),
  row('one hot product', [int([5], 0, 3), float([4, 3])], (i, w) =>
    i
      .unsqueeze(1)
      .equal(arange(4, undefined, 1, { dtype: 'int32' }))
      .cast('float32')
      .matmul(w),
  ),
]
