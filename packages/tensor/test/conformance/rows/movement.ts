import { arange, concat, copy, dilate, eye, full, linspace, oneHot, ones, stack, zeros } from '../../../src/index.ts'
import { bool, float, int, row, type Row, uint8 } from '../row.ts'

/** Nothing is computed: float32 values must come through unchanged. */
const exact = { tolerance: 0, gradientTolerance: 1e-6 } as const
const moved = (name: string, inputs: Row['inputs'], run: Row['run']): Row => row(name, inputs, run, exact)

const matrix = float([4, 6])
const cube = float([2, 3, 4])

const views: Row[] = [
  moved('reshape', [matrix], (x) => [x.reshape([6, 4]), x.reshape([-1]), x.reshape([2, -1, 3])]),
  moved('reshape of a transpose', [matrix], (x) => x.transpose().reshape([4, 6])),
  moved('reshape of a slice', [matrix], (x) => x.slice([undefined, [1, 5]]).reshape([2, 8])),
  moved('reshape of an expansion', [float([3, 1])], (x) => x.expand([3, 4]).reshape([12])),
  moved('reshape of padding', [float([2, 3])], (x) =>
    x
      .pad([
        [1, 0],
        [0, 2],
      ])
      .reshape([5, 3]),
  ),
  moved('reshape to rank 0 and back', [float([1, 1])], (x) => x.reshape([]).reshape([1])),
  moved('reshape of nothing', [float([0, 4])], (x) => x.reshape([2, 0, 7])),
  moved('permute', [cube], (x) => [x.permute([2, 0, 1]), x.permute([1, 0, 2]), x.permute([0, 1, 2])]),
  moved('transpose', [cube], (x) => [x.transpose(), x.transpose(0, 2)]),
  row('transpose large', [float([67, 129])], (x) => x.transpose(), { ...exact, recorded: false }),
  moved('expand', [float([3, 1])], (x) => [x.expand([3, 4]), x.expand([2, 3, 5]), x.expand([-1, 2])]),
  row('copy', [matrix], (x) => [copy(x), copy(x.transpose())], { ...exact, recorded: false }),
  moved('squeeze', [float([1, 3, 1])], (x) => [x.squeeze(), x.squeeze(0), x.squeeze([0, -1])]),
  moved('unsqueeze', [float([3])], (x) => [x.unsqueeze(0), x.unsqueeze(-1)]),
  moved('flatten', [cube], (x) => [x.flatten(), x.flatten({ start: 1 }), x.flatten({ end: 1 })]),
  moved('slice', [matrix], (x) => [
    x.slice([
      [1, 3],
      [2, 5],
    ]),
    x.slice([2]),
    x.slice([undefined, -1]),
    x.slice([[0, 0]]),
  ]),
  moved('slice steps', [matrix], (x) => [
    x.slice([
      [null, null, 2],
      [1, null, 3],
    ]),
    x.slice([undefined, [5, 0, -2]]),
  ]),
  moved('slice backwards', [matrix], (x) =>
    x.slice([
      [null, null, -1],
      [null, null, -1],
    ]),
  ),
  moved('slice of a slice', [matrix], (x) =>
    x
      .slice([
        [1, 4],
        [0, 6, 2],
      ])
      .slice([
        [2, 0, -1],
        [1, 3],
      ]),
  ),
  moved('flip', [cube], (x) => [x.flip(), x.flip(1), x.flip([0, -1])]),
  moved('pad', [cube], (x) =>
    x.pad([
      [1, 0],
      [0, 2],
      [3, 1],
    ]),
  ),
  moved('pad with a value', [matrix], (x) =>
    x.pad(
      [
        [0, 1],
        [2, 0],
      ],
      { value: 7.5 },
    ),
  ),
  moved('dilate', [cube], (x) => [dilate(x, 3), dilate(x, 2, { axis: -1 }), dilate(x, 1)]),
  moved('pad of a pad', [float([2, 3])], (x) =>
    x
      .pad(
        [
          [1, 1],
          [0, 0],
        ],
        { value: 1 },
      )
      .pad(
        [
          [0, 1],
          [1, 0],
        ],
        { value: 2 },
      ),
  ),
  moved('slice of a pad', [matrix], (x) =>
    x
      .pad([
        [2, 2],
        [3, 3],
      ])
      .slice([
        [1, 7],
        [9, 1, -2],
      ]),
  ),
  moved('transpose of a pad', [matrix], (x) =>
    x
      .pad([
        [2, 0],
        [0, 3],
      ])
      .transpose(),
  ),
  moved('pad of a flip', [matrix], (x) =>
    x.flip(1).pad([
      [0, 0],
      [1, 1],
    ]),
  ),
  moved('expand of a pad', [float([3, 1])], (x) =>
    x
      .pad([
        [1, 1],
        [0, 0],
      ])
      .expand([5, 4]),
  ),
  moved('pad of an expansion', [float([3, 1])], (x) =>
    x.expand([3, 4]).pad([
      [1, 1],
      [2, 0],
    ]),
  ),
]

const joined: Row[] = [
  moved('concat', [float([2, 3]), float([4, 3]), float([1, 3])], (...list) => concat(list)),
  moved('concat last axis', [float([2, 3]), float([2, 1])], (...list) => concat(list, { axis: -1 })),
  moved('concat with an empty one', [float([2, 3]), float([0, 3])], (...list) => concat(list)),
  row('concat of expressions', [float([2, 3]), float([2, 3])], (a, b) =>
    concat([a.exp(), b.mul(2), a.transpose().reshape([2, 3])], { axis: 1 }),
  ),
  moved('concat of types', [int([3]), float([2])], (...list) => concat(list)),
  moved('stack', [float([2, 3]), float([2, 3])], (...list) => [
    stack(list),
    stack(list, { axis: 1 }),
    stack(list, { axis: -1 }),
  ]),
  moved('split', [float([6, 5])], (x) => [...x.split(3), ...x.split([1, 4], { axis: 1 })]),
  moved('repeat', [float([2, 3])], (x) => [x.repeat(2), x.repeat(3, { axis: 1 })]),
  moved('tile', [float([2, 3])], (x) => [x.tile([2, 1]), x.tile([2]), x.tile([2, 1, 2])]),
]

const otherTypes: Row[] = [
  moved('views of int32', [int([4, 6])], (x) => [
    x.transpose(),
    x.flip(0),
    x.slice([[1, 4, 2]]),
    x.pad(
      [
        [1, 1],
        [0, 2],
      ],
      { value: -1 },
    ),
  ]),
  moved('views of uint8', [uint8([5, 7])], (x) => [
    x.transpose(),
    x.flip(1),
    x.pad(
      [
        [1, 1],
        [0, 2],
      ],
      { value: 9 },
    ),
    x.reshape([7, 5]),
  ]),
  moved('views of bool', [bool([5, 7])], (x) => [
    x.transpose(),
    x.slice([undefined, [0, 7, 3]]),
    x.pad(
      [
        [0, 1],
        [0, 0],
      ],
      { value: 1 },
    ),
  ]),
  moved('concat of uint8', [uint8([3, 5]), uint8([2, 5])], (...list) => concat(list)),
  row(
    'views of float16',
    [float([4, 6])],
    (x) =>
      x
        .cast('float16')
        .transpose()
        .slice([[1, 5]])
        .cast('float32'),
    { gradients: [], tolerance: 0 },
  ),
]

const created: Row[] = [
  row(
    'arange',
    [],
    () => [arange(7), arange(2, 9), arange(1, 0, -0.25), arange(5, 0, -2, { dtype: 'int32' })],
    { tolerance: 0 },
  ),
  row('linspace', [], () => [linspace(0, 1, 7), linspace(3, -3, 4), linspace(2, 9, 1)]),
  row('eye', [], () => [eye(3), eye(2, 4), eye(3, 2, { dtype: 'int32' })], { tolerance: 0 }),
  row(
    'zeros ones full',
    [],
    () => [zeros([2, 3]), ones([4], { dtype: 'uint8' }), full([2, 2], 0.1), full([3], true)],
    { tolerance: 0 },
  ),
  row('oneHot', [int([2, 3], 0, 4)], (x) => [oneHot(x, 5), oneHot(x, 6, { dtype: 'bool' })], {
    tolerance: 0,
  }),
]

export const movement: Row[] = [...views, ...joined, ...otherTypes, ...created]
