import { avgPool1d, avgPool2d, avgPool3d, maxPool1d, maxPool2d, maxPool3d } from '../../../src/index.ts'
import { float, int, row, type Row, uint8, values } from '../row.ts'

const image = float([2, 3, 6, 7])
const volume = float([2, 2, 4, 5, 6])
const none = { gradients: [] } as const

export const windows: Row[] = [
  row('maxPool2d', [image], (x) => maxPool2d(x, { kernel: 2 })),
  row('maxPool2d overlapping', [image], (x) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 })),
  row('maxPool2d stride 1', [image], (x) => maxPool2d(x, { kernel: [2, 3], stride: 1 })),
  row('maxPool2d dilated', [float([1, 2, 9, 9])], (x) =>
    maxPool2d(x, { kernel: 3, stride: 1, dilation: [2, 3] }),
  ),
  row('maxPool2d uneven', [image], (x) => maxPool2d(x, { kernel: [3, 2], stride: [1, 3], padding: [1, 0] })),
  row('maxPool2d ceilMode', [image], (x) => maxPool2d(x, { kernel: 3, stride: 2, ceilMode: true })),
  row('maxPool2d of negative numbers', [float([1, 1, 4, 4], -5, -1)], (x) =>
    maxPool2d(x, { kernel: 3, stride: 1, padding: 1 }),
  ),
  row(
    'maxPool2d of equals',
    [values([1, 1, 2, 6], 'float32', [1, 1, 0, 2, -3, -3, 1, 1, 2, 0, -3, -3])],
    (x) => maxPool2d(x, { kernel: 2 }),
    { slope: false },
  ),
  row('maxPool2d global', [image], (x) => maxPool2d(x, { kernel: [6, 7] })),
  row('maxPool2d after relu', [image], (x) => maxPool2d(x.relu().add(x), { kernel: 2 })),
  row('maxPool2d of a view', [float([3, 6, 7])], (x) => maxPool2d(x.transpose(), { kernel: 2 })),
  row('maxPool2d int32', [int([1, 5, 6])], (x) => maxPool2d(x, { kernel: 2 })),
  row('maxPool2d uint8', [uint8([1, 5, 6])], (x) => maxPool2d(x, { kernel: 2 }).cast('int32')),
  row('maxPool1d', [float([2, 3, 11])], (x) => [
    maxPool1d(x, { kernel: 3 }),
    maxPool1d(x, { kernel: 3, stride: 1, padding: 1, dilation: 2 }),
  ]),
  row('avgPool2d', [image], (x) => avgPool2d(x, { kernel: 2 })),
  row('avgPool2d padded', [image], (x) => avgPool2d(x, { kernel: 3, stride: 2, padding: 1 })),
  row('avgPool2d padding not counted', [image], (x) =>
    avgPool2d(x, { kernel: 3, stride: 2, padding: 1, countIncludePad: false }),
  ),
  row('avgPool2d ceilMode', [image], (x) =>
    avgPool2d(x, { kernel: [3, 2], stride: [2, 2], padding: [1, 1], ceilMode: true }),
  ),
  row('avgPool2d ceilMode, padding not counted', [image], (x) =>
    avgPool2d(x, { kernel: 3, stride: 2, ceilMode: true, countIncludePad: false }),
  ),
  row('avgPool2d stride 1', [image], (x) => avgPool2d(x, { kernel: [2, 3], stride: 1 })),
  row('avgPool2d global', [image], (x) => avgPool2d(x, { kernel: [6, 7] })),
  row('avgPool2d int32', [int([1, 4, 6])], (x) => avgPool2d(x, { kernel: 2 })),
  row('avgPool1d', [float([2, 3, 11])], (x) => [
    avgPool1d(x, { kernel: 3 }),
    avgPool1d(x, { kernel: 4, stride: 2, padding: 2 }),
  ]),
  row('maxPool2d of 40 planes', [float([5, 8, 28, 26])], (x) => maxPool2d(x, { kernel: 2 }), {
    recorded: false,
    second: false,
  }),
  row(
    'avgPool2d of 40 planes',
    [float([5, 8, 28, 26])],
    (x) => avgPool2d(x, { kernel: 3, stride: 2, padding: 1 }),
    { recorded: false, second: false },
  ),
  row('maxPool2d indices', [image], (x) => {
    const { values, indices } = maxPool2d(x, { kernel: 3, stride: 2, padding: 1, returnIndices: true })
    return [values, indices]
  }),
  row('maxPool1d indices', [float([2, 3, 11])], (x) => {
    const { values, indices } = maxPool1d(x, {
      kernel: 3,
      stride: 2,
      dilation: 2,
      ceilMode: true,
      returnIndices: true,
    })
    return [values, indices]
  }),
  row('avgPool2d divisorOverride', [image], (x) =>
    avgPool2d(x, { kernel: [2, 3], padding: 1, divisorOverride: 5 }),
  ),
  row('maxPool3d', [volume], (x) => maxPool3d(x, { kernel: 2 })),
  row('maxPool3d uneven', [volume], (x) => {
    const { values, indices } = maxPool3d(x, {
      kernel: [2, 3, 2],
      stride: [1, 2, 2],
      padding: [1, 1, 0],
      dilation: [2, 1, 1],
      ceilMode: true,
      returnIndices: true,
    })
    return [values, indices]
  }),
  row(
    'maxPool3d of equals',
    [values([1, 2, 2, 4], 'float32', [1, 2, 0, 0, 2, 1, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0])],
    (x) => maxPool3d(x, { kernel: 2 }),
    { slope: false },
  ),
  row('avgPool3d', [volume], (x) => avgPool3d(x, { kernel: 2 })),
  row('avgPool3d uneven', [volume], (x) => [
    avgPool3d(x, { kernel: [2, 3, 2], stride: [2, 2, 3], padding: [1, 1, 0], ceilMode: true }),
    avgPool3d(x, { kernel: 3, stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    avgPool3d(x, { kernel: 2, divisorOverride: 3 }),
  ]),
  row('maxPool2d rank 2', [float([5, 5])], (x) => maxPool2d(x, { kernel: 2 }), none),
]
