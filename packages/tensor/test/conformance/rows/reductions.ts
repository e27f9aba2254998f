import { bool, float, int, row, type Row, uint8, values } from '../row.ts'

const cube = float([3, 4, 5])

/** Axes that are all, last, first, middle, several together and several apart. */
const axes = { all: undefined, last: -1, first: 0, middle: 1, 'last two': [1, 2], outer: [0, 2] } as const

const everyAxis = (
  name: string,
  run: (x: Parameters<Row['run']>[0], axis: number | readonly number[] | undefined) => ReturnType<Row['run']>,
): Row[] => Object.entries(axes).map(([which, axis]) => row(`${name} ${which}`, [cube], (x) => run(x, axis)))

// Sums of n terms err by at most n roundings of what is summed, whose root mean square here is near that of
// the terms.
const sums: Row[] = [
  ...everyAxis('sum', (x, axis) => x.sum({ axis })),
  ...everyAxis('mean', (x, axis) => x.mean({ axis })),
  ...everyAxis('prod', (x, axis) => x.prod({ axis })),
  ...everyAxis('max', (x, axis) => x.max({ axis })),
  ...everyAxis('min', (x, axis) => x.min({ axis })),
  ...everyAxis('variance', (x, axis) => x.variance({ axis })),
  ...everyAxis('logsumexp', (x, axis) => x.logsumexp({ axis })),
  row('std', [cube], (x) => x.std({ axis: 2 })),
  row('variance correction 0', [cube], (x) => x.variance({ axis: [0, 1], correction: 0, keepDims: true })),
  // Deviations near 0.3 of numbers near 1000, whose rounding is 6·10⁻⁵.
  row('std of large offsets', [float([4, 9], 1000, 1001)], (x) => x.std({ axis: 1 }), {
    tolerance: 1e-4,
    second: false,
    gradientTolerance: 1e-3,
  }),
  row('sum keepDims', [cube], (x) => [x.sum({ axis: 1, keepDims: true }), x.sum({ keepDims: true })]),
  row('mean keepDims', [cube], (x) => x.sub(x.mean({ axis: [1, 2], keepDims: true }))),
  row('max keepDims', [cube], (x) => x.max({ axis: 0, keepDims: true })),
  row('sum rank 0', [float([])], (x) => [x.sum(), x.mean(), x.max(), x.prod()]),
  row('sum of an empty axis', [float([3, 0])], (x) => [x.sum({ axis: 1 }), x.prod({ axis: 1 })]),
  row('sum to an empty result', [float([0, 3])], (x) => [x.sum({ axis: 1 }), x.max({ axis: 1 })]),
  row('sum size 1 axis', [float([4, 1, 3])], (x) => [
    x.sum({ axis: 1 }),
    x.prod({ axis: 1 }),
    x.max({ axis: 1 }),
  ]),
  row('max of equals', [values([2, 4], 'float32', [1, 3, 3, 0, -2, -2, -2, -2])], (x) => x.max({ axis: 1 }), {
    slope: false,
  }),
  row('prod with zeros', [values([3, 3], 'float32', [1, 0, 2, 0, 3, 0, 2, 2, 2])], (x) =>
    x.prod({ axis: 1 }),
  ),
  // A number near 500 is known to 3·10⁻⁵, and so is the exponential of a difference of two.
  row('logsumexp of large numbers', [float([3, 5], 500, 520)], (x) => x.logsumexp({ axis: 1 }), {
    gradientTolerance: 1e-4,
  }),
  row('sum long', [float([70_001], -1, 1)], (x) => x.sum(), {
    recorded: false,
    gradients: [],
    tolerance: 1e-5,
  }),
  row('sum long rows', [float([33, 2049], 0, 1)], (x) => x.sum({ axis: 1 }), {
    recorded: false,
    gradients: [],
  }),
  row('sum long columns', [float([2049, 33], 0, 1)], (x) => x.sum({ axis: 0 }), {
    recorded: false,
    gradients: [],
  }),
  row('sum outer and inner of a long middle', [float([7, 501, 9], 0, 1)], (x) => x.sum({ axis: [0, 2] }), {
    recorded: false,
    gradients: [],
  }),
  row('max long', [float([3, 30_011])], (x) => [x.max({ axis: 1 }), x.argmax({ axis: 1 }), x.max()], {
    recorded: false,
    gradients: [],
  }),
]

const integers: Row[] = [
  row('sum int32', [int([4, 7])], (x) => [x.sum(), x.sum({ axis: 0 }), x.prod({ axis: 0 })]),
  row('sum int32 wraps', [int([9], 2 ** 30, 2 ** 31 - 1)], (x) => [x.sum(), x.prod()]),
  row('max int32', [int([4, 7])], (x) => [x.max(), x.min({ axis: 0 }), x.max({ axis: 1 })]),
  row('sum uint8', [uint8([5, 40])], (x) => [x.sum(), x.sum({ axis: 1 }), x.sum({ axis: 0 })]),
  row('max uint8', [uint8([5, 40])], (x) => [x.max({ axis: 1 }), x.min({ axis: 0 })]),
  row('mean int32', [int([4, 7])], (x) => [x.mean(), x.mean({ axis: 1 })]),
  row('variance uint8', [uint8([4, 7])], (x) => x.variance({ axis: 1 })),
  row('sum bool', [bool([5, 21])], (x) => [x.sum(), x.sum({ axis: 0 })]),
  row('any and all', [bool([5, 3])], (x) => [
    x.any(),
    x.all(),
    x.any({ axis: 1 }),
    x.all({ axis: 0, keepDims: true }),
  ]),
  row('any and all of numbers', [int([5, 3], 0, 2)], (x) => [x.any({ axis: 1 }), x.all({ axis: 1 })]),
  row('any and all of nothing', [bool([2, 0])], (x) => [x.any({ axis: 1 }), x.all({ axis: 1 })]),
]

const positions: Row[] = [
  row('argmax', [cube], (x) => [x.argmax(), x.argmax({ axis: 0 }), x.argmax({ axis: -1, keepDims: true })], {
    gradients: [],
  }),
  row('argmin', [cube], (x) => [x.argmin(), x.argmin({ axis: 1 }), x.argmin({ axis: 2 })], { gradients: [] }),
  row('argmax of equals', [values([2, 5], 'int32', [1, 3, 3, 0, 3, -2, -2, -2, -2, -2])], (x) => [
    x.argmax({ axis: 1 }),
    x.argmin({ axis: 1 }),
  ]),
  row('argmax uint8', [uint8([4, 33])], (x) => x.argmax({ axis: 1 })),
  row(
    'argmax of a view',
    [float([6, 8])],
    (x) =>
      x
        .transpose()
        .slice([[1, 7, 2]])
        .argmax({ axis: 1 }),
    { gradients: [] },
  ),
]

const normalised: Row[] = [
  row('softmax', [float([4, 9], -4, 4)], (x) => x.softmax()),
  row('softmax axis 0', [float([4, 9], -4, 4)], (x) => x.softmax({ axis: 0 })),
  row('softmax of large numbers', [float([3, 5], 998, 1001)], (x) => x.softmax()),
  row('logSoftmax', [float([4, 9], -4, 4)], (x) => x.logSoftmax()),
  row('logSoftmax middle axis', [cube], (x) => x.logSoftmax({ axis: 1 })),
  row('softmax over one', [float([4, 1])], (x) => [x.softmax(), x.logSoftmax()]),
]

export const reductions: Row[] = [...sums, ...integers, ...positions, ...normalised]
