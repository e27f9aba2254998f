import { argsort, cumsum, gather, scatterAdd, sort, take, topk } from '../../../src/index.ts'
import { bool, float, int, row, type Row, uint8, values } from '../row.ts'

const matrix = float([5, 4])
const exact = { tolerance: 0, gradientTolerance: 1e-6 } as const

export const positions: Row[] = [
  row('gather axis 0', [matrix, int([3, 4], 0, 4)], (x, i) => gather(x, i), exact),
  row('gather axis 1', [matrix, int([5, 7], 0, 3)], (x, i) => x.gather(i, { axis: 1 }), exact),
  row('gather one per row', [float([6, 10]), int([6, 1], 0, 9)], (x, i) =>
    x.logSoftmax().gather(i, { axis: -1 }),
  ),
  row(
    'gather middle axis',
    [float([2, 3, 4]), int([2, 5, 4], 0, 2)],
    (x, i) => x.gather(i, { axis: 1 }),
    exact,
  ),
  row('gather uint8 index', [matrix, int([2, 4], 0, 4, 'uint8')], (x, i) => x.gather(i), exact),
  row('gather int32', [int([5, 4]), int([3, 4], 0, 4)], (x, i) => x.gather(i)),
  row('gather uint8', [uint8([5, 4]), int([3, 4], 0, 4)], (x, i) => x.gather(i)),
  row(
    'gather of views',
    [float([4, 5]), int([4, 3], 0, 4)],
    (x, i) => x.transpose().gather(i.transpose()),
    exact,
  ),
  row('gather of an expression', [matrix, int([3, 4], 0, 4)], (x, i) => x.exp().gather(i).mul(2)),
  row('gather nothing', [matrix, int([0, 4], 0, 4)], (x, i) => x.gather(i), exact),
  row('take', [matrix, int([3], 0, 4)], (x, i) => take(x, i), exact),
  row('take of rank 2', [matrix, int([2, 3], 0, 4)], (x, i) => x.take(i), exact),
  row('take axis 1', [matrix, int([6], 0, 3)], (x, i) => x.take(i, { axis: 1 }), exact),
  row('take one', [matrix, int([], 0, 4)], (x, i) => x.take(i), exact),
  row('take bool', [bool([7]), int([5], 0, 6)], (x, i) => x.take(i)),
  row('take embedding', [float([50, 12]), int([40], 0, 49)], (x, i) => x.take(i), {
    ...exact,
    recorded: false,
  }),
  row('scatterAdd', [matrix, int([7, 4], 0, 4), float([7, 4])], (x, i, u) => scatterAdd(x, i, u)),
  row('scatterAdd axis 1', [matrix, int([5, 9], 0, 3), float([5, 9])], (x, i, u) =>
    x.scatterAdd(i, u, { axis: 1 }),
  ),
  row('scatterAdd int32', [int([5]), int([12], 0, 4), int([12])], (x, i, u) => x.scatterAdd(i, u)),
  row('scatterAdd of a view', [matrix, int([4, 6], 0, 4), float([4, 6])], (x, i, u) =>
    x.scatterAdd(i.transpose(), u.transpose()),
  ),
  row('scatterAdd of a number', [matrix, int([2, 4], 0, 4)], (x, i) => x.scatterAdd(i, 2.5)),
  row(
    'scatterAdd large',
    [float([7, 501]), int([300, 501], 0, 6), float([300, 501])],
    (x, i, u) => x.scatterAdd(i, u),
    { recorded: false, gradients: [], tolerance: 1e-5 },
  ),
  row('cumsum', [matrix], (x) => [cumsum(x), cumsum(x, { axis: 0 })]),
  row('cumsum middle axis', [float([2, 5, 3])], (x) => cumsum(x, { axis: 1 })),
  row('cumsum int32', [int([3, 7])], (x) => [cumsum(x), cumsum(x, { axis: 0 })]),
  row('cumsum bool and uint8', [bool([9]), uint8([9])], (x, y) => [cumsum(x), cumsum(y)]),
  row('cumsum long', [float([3, 5000], 0, 1)], (x) => cumsum(x), {
    recorded: false,
    gradients: [],
    tolerance: 2e-5,
  }),
  row('sort', [float([4, 7])], (x) => Object.values(sort(x)), exact),
  row('sort descending', [float([4, 7])], (x) => Object.values(sort(x, { descending: true })), exact),
  row('sort axis 0', [float([6, 3])], (x) => Object.values(sort(x, { axis: 0 })), exact),
  row('sort int32 with equals', [int([3, 12], 0, 3)], (x) => Object.values(sort(x))),
  row('sort int32 descending with equals', [int([3, 12], 0, 3)], (x) =>
    Object.values(sort(x, { descending: true })),
  ),
  row('sort uint8', [uint8([2, 30])], (x) => Object.values(sort(x))),
  row('sort long', [float([2, 3001])], (x) => Object.values(sort(x)), { recorded: false, gradients: [] }),
  row('argsort', [float([4, 7])], (x) => [argsort(x), argsort(x, { axis: 0, descending: true })], {
    gradients: [],
  }),
  row('topk', [float([4, 9])], (x) => Object.values(topk(x, 3)), exact),
  row(
    'topk least, axis 0',
    [float([9, 4])],
    (x) => Object.values(topk(x, 2, { axis: 0, largest: false })),
    exact,
  ),
  row('sort of one', [values([2, 1], 'float32', [3, 1])], (x) => Object.values(sort(x)), exact),
]
