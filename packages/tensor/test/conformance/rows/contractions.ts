import {
  conv1d,
  conv2d,
  type Conv2dOptions,
  conv3d,
  type Conv3dOptions,
  convTranspose1d,
  convTranspose2d,
  type ConvTranspose2dOptions,
  convTranspose3d,
  type ConvTranspose3dOptions,
} from '../../../src/index.ts'
import { bool, float, int, row, type Row, type RowOptions, uint8 } from '../row.ts'

/** A sum of K products errs by some √K roundings of a typical result; K is at most a few hundred here. */
const dot: RowOptions = { tolerance: 3e-6 }
const large: RowOptions = { ...dot, recorded: false, second: false }
/**
 * Winograd's convolution was measured to err by 1.5e-5 of the typical result (forward; see `conv2d`), twice
 * that in gradients.
 */
const winogradRecorded: RowOptions = { tolerance: 2e-5, gradientTolerance: 4e-5 }
const winograd: RowOptions = { ...large, ...winogradRecorded }

const matrices: Row[] = [
  row('matmul', [float([3, 4]), float([4, 5])], (a, b) => a.matmul(b), dot),
  row('matmul one row', [float([1, 9]), float([9, 5])], (a, b) => a.matmul(b), dot),
  row('matmul one column', [float([7, 9]), float([9, 1])], (a, b) => a.matmul(b), dot),
  row('matmul inner 1', [float([6, 1]), float([1, 8])], (a, b) => a.matmul(b), dot),
  row('matmul tile and rests', [float([13, 11]), float([11, 19])], (a, b) => a.matmul(b), {
    ...dot,
    recorded: false,
  }),
  row('matmul vectors', [float([5]), float([5])], (a, b) => a.matmul(b), dot),
  row('matmul vector by matrix', [float([5]), float([5, 3])], (a, b) => a.matmul(b), dot),
  row('matmul matrix by vector', [float([3, 5]), float([5])], (a, b) => a.matmul(b), dot),
  row('matmul batch', [float([3, 2, 4]), float([3, 4, 5])], (a, b) => a.matmul(b), dot),
  row('matmul batch broadcast', [float([2, 1, 3, 4]), float([3, 4, 2])], (a, b) => a.matmul(b), dot),
  row('matmul batch by one matrix', [float([2, 3, 4]), float([4, 5])], (a, b) => a.matmul(b), dot),
  row('matmul one matrix by batch', [float([3, 4]), float([2, 4, 5])], (a, b) => a.matmul(b), dot),
  row('matmul vector by batch', [float([4]), float([2, 4, 3])], (a, b) => a.matmul(b), dot),
  row('matmul transposed left', [float([4, 3]), float([4, 5])], (a, b) => a.transpose().matmul(b), dot),
  row('matmul transposed right', [float([3, 4]), float([5, 4])], (a, b) => a.matmul(b.transpose()), dot),
  row(
    'matmul transposed both',
    [float([4, 3]), float([5, 4])],
    (a, b) => a.transpose().matmul(b.transpose()),
    dot,
  ),
  row('matmul by itself transposed', [float([5, 7])], (x) => x.matmul(x.transpose()), dot),
  row(
    'matmul of flipped slices',
    [float([6, 9]), float([8, 5])],
    (a, b) =>
      a
        .slice([
          [0, 6, 2],
          [8, 0, -2],
        ])
        .matmul(b.flip().slice([[1, 8, 2]])),
    dot,
  ),
  row(
    'matmul of padding',
    [float([3, 4]), float([5, 2])],
    (a, b) =>
      a
        .pad([
          [1, 1],
          [0, 1],
        ])
        .matmul(b),
    dot,
  ),
  row('matmul of an expansion', [float([1, 4]), float([4, 3])], (a, b) => a.expand([5, 4]).matmul(b), dot),
  row(
    'matmul of expressions',
    [float([3, 4]), float([4, 5])],
    (a, b) => a.exp().matmul(b.mul(0.5).add(1)),
    dot,
  ),
  row(
    'matmul bias relu',
    [float([6, 4]), float([4, 5]), float([5])],
    (x, w, b) => x.matmul(w).add(b).relu(),
    dot,
  ),
  row(
    'matmul epilogue with a column',
    [float([6, 4]), float([4, 5]), float([6, 1])],
    (x, w, b) => x.matmul(w).mul(b).sigmoid(),
    dot,
  ),
  row(
    'matmul epilogue with a matrix',
    [float([6, 4]), float([4, 5]), float([5, 6])],
    (x, w, r) => x.matmul(w).add(r.transpose()),
    dot,
  ),
  row(
    'matmul batch epilogue',
    [float([2, 6, 4]), float([4, 5]), float([5])],
    (x, w, b) => x.matmul(w).add(b).tanh(),
    dot,
  ),
  row('matmul of nothing inside', [float([3, 0]), float([0, 2])], (a, b) => a.matmul(b), dot),
  row('matmul of no rows', [float([0, 3]), float([3, 2])], (a, b) => a.matmul(b), dot),
  row('matmul chain', [float([3, 4]), float([4, 5]), float([5, 2])], (a, b, c) => a.matmul(b).matmul(c), dot),
  row('matmul int32', [int([3, 7]), int([7, 5])], (a, b) => a.matmul(b)),
  row('matmul int32 batch', [int([2, 3, 4]), int([4, 5])], (a, b) => a.matmul(b)),
  row('matmul uint8', [uint8([3, 7]), uint8([7, 5])], (a, b) => a.matmul(b)),
  row('matmul bool', [bool([3, 7]), bool([7, 5])], (a, b) => a.matmul(b)),
  row('matmul 67 × 129 × 35', [float([67, 129]), float([129, 35])], (a, b) => a.matmul(b), large),
  row(
    'matmul 130 × 260 × 70 transposed',
    [float([260, 130]), float([70, 260])],
    (a, b) => a.transpose().matmul(b.transpose()),
    { ...large, gradients: [] },
  ),
  row('matmul 5 × 600 × 7', [float([5, 600]), float([600, 7])], (a, b) => a.matmul(b), large),
  row(
    'matmul 301 × 17 × 3',
    [float([301, 17]), float([17, 3]), float([3])],
    (a, b, c) => a.matmul(b).add(c).relu(),
    large,
  ),
  row(
    'matmul batch 6 of 33 × 20 × 18',
    [float([6, 33, 20]), float([6, 20, 18])],
    (a, b) => a.matmul(b),
    large,
  ),
  row('matmul 2 × 2 many', [float([70, 2, 2]), float([70, 2, 2])], (a, b) => a.matmul(b), large),
]

const convolution = (
  name: string,
  x: readonly number[],
  w: readonly number[],
  options: Conv2dOptions = {},
  extra: RowOptions = dot,
): Row =>
  row(`conv2d ${name}`, [float(x), float(w)], (input, weight) => conv2d(input, weight, options), extra)

const convolutions: Row[] = [
  convolution('plain', [1, 1, 4, 4], [1, 1, 3, 3]),
  convolution('channels', [2, 3, 5, 6], [4, 3, 3, 2]),
  convolution('1 × 1', [2, 3, 4, 5], [4, 3, 1, 1]),
  convolution('1 × 1 strided', [2, 3, 5, 5], [4, 3, 1, 1], { stride: 2 }),
  convolution('padded', [2, 2, 4, 4], [3, 2, 3, 3], { padding: 1 }),
  convolution('same', [1, 2, 5, 4], [2, 2, 4, 3], { padding: 'same' }),
  convolution('valid', [1, 2, 5, 4], [2, 2, 2, 3], { padding: 'valid' }),
  convolution('strided', [2, 2, 7, 6], [3, 2, 3, 3], { stride: 2 }),
  convolution('strided by phases', [2, 3, 9, 10], [8, 3, 3, 3], { stride: 2, padding: 1 }, winogradRecorded),
  convolution('stride leaves a rest', [1, 2, 8, 8], [2, 2, 3, 3], { stride: 3, padding: 1 }),
  convolution('stride beyond the kernel', [1, 1, 9, 9], [2, 1, 2, 2], { stride: 4 }),
  convolution('patches of one channel', [2, 1, 6, 4], [3, 1, 2, 2], { stride: 2 }),
  convolution('dilated', [1, 2, 7, 7], [2, 2, 3, 3], { dilation: 2 }),
  convolution('groups', [2, 4, 4, 5], [6, 2, 3, 2], { groups: 2 }),
  convolution('depthwise', [2, 3, 5, 5], [3, 1, 3, 3], { groups: 3, padding: 1 }),
  convolution('depthwise twice', [1, 3, 5, 5], [6, 1, 3, 3], { groups: 3, stride: 2, padding: 1 }),
  convolution('uneven in all', [2, 4, 9, 8], [4, 2, 2, 3], {
    stride: [2, 1],
    padding: [1, 2],
    dilation: [3, 2],
    groups: 2,
  }),
  convolution('wide padding', [1, 1, 2, 2], [1, 1, 3, 3], { padding: 4 }),
  convolution('kernel as large as the image', [2, 2, 3, 4], [3, 2, 3, 4]),
  convolution('one row', [1, 2, 1, 9], [3, 2, 1, 4], { padding: [0, 2] }),
  convolution('one column', [1, 2, 9, 1], [3, 2, 4, 1], { padding: [1, 0], stride: [2, 1] }),
  convolution('empty batch', [0, 2, 4, 4], [3, 2, 3, 3]),
  row(
    'conv2d bias relu',
    [float([2, 2, 5, 5]), float([3, 2, 3, 3]), float([3])],
    (x, w, b) =>
      conv2d(x, w)
        .add(b.reshape([3, 1, 1]))
        .relu(),
    dot,
  ),
  row(
    'conv2d of a view',
    [float([5, 2, 6, 2]), float([3, 2, 3, 3])],
    (x, w) => conv2d(x.permute([3, 1, 2, 0]), w.flip([2, 3])),
    dot,
  ),
  row(
    'conv2d of an expression',
    [float([2, 2, 5, 5]), float([3, 2, 3, 3])],
    (x, w) => conv2d(x.relu().add(1), w.mul(0.5)),
    dot,
  ),
  row(
    'conv2d twice',
    [float([1, 2, 6, 6]), float([3, 2, 3, 3]), float([2, 3, 2, 2])],
    (x, v, w) => conv2d(conv2d(x, v).relu(), w),
    dot,
  ),
  row('conv1d', [float([2, 3, 9]), float([4, 3, 3])], (x, w) => conv1d(x, w), dot),
  row(
    'conv1d with everything',
    [float([2, 4, 12]), float([6, 2, 3])],
    (x, w) => conv1d(x, w, { stride: 2, padding: 2, dilation: 2, groups: 2 }),
    dot,
  ),
  row('conv1d same', [float([1, 2, 7]), float([3, 2, 4])], (x, w) => conv1d(x, w, { padding: 'same' }), dot),
  convolution('3 × 3 of 23 × 19', [3, 7, 23, 19], [11, 7, 3, 3], { padding: 1 }, winograd),
  convolution('5 × 5 as in MNIST', [3, 1, 28, 28], [9, 1, 5, 5], {}, large),
  convolution('3 × 3 strided of 21 × 21', [2, 6, 21, 21], [10, 6, 3, 3], { stride: 2, padding: 1 }, winograd),
  convolution('1 × 1 of 17 × 17', [2, 19, 17, 17], [23, 19, 1, 1], {}, large),
  convolution(
    'groups of 18 × 15',
    [2, 12, 18, 15],
    [18, 4, 3, 5],
    { groups: 3, padding: [2, 1], dilation: [2, 1] },
    large,
  ),
  convolution('depthwise of 20 × 22', [2, 9, 20, 22], [9, 1, 3, 3], { groups: 9, padding: 1 }, large),
  convolution('many channels of 6 × 6', [4, 40, 6, 6], [36, 40, 3, 3], { padding: 1 }, winograd),
]

const transposed = (
  name: string,
  x: readonly number[],
  w: readonly number[],
  options: ConvTranspose2dOptions = {},
  extra: RowOptions = dot,
): Row =>
  row(
    `convTranspose2d ${name}`,
    [float(x), float(w)],
    (input, weight) => convTranspose2d(input, weight, options),
    extra,
  )

const volumes = (
  name: string,
  x: readonly number[],
  w: readonly number[],
  options: Conv3dOptions = {},
  extra: RowOptions = dot,
): Row =>
  row(`conv3d ${name}`, [float(x), float(w)], (input, weight) => conv3d(input, weight, options), extra)

const transposedVolumes = (
  name: string,
  x: readonly number[],
  w: readonly number[],
  options: ConvTranspose3dOptions = {},
  extra: RowOptions = dot,
): Row =>
  row(
    `convTranspose3d ${name}`,
    [float(x), float(w)],
    (input, weight) => convTranspose3d(input, weight, options),
    extra,
  )

const otherConvolutions: Row[] = [
  transposed('plain', [2, 3, 4, 5], [3, 2, 3, 2]),
  transposed('1 × 1', [2, 3, 4, 5], [3, 4, 1, 1]),
  transposed('strided', [2, 3, 4, 3], [3, 2, 3, 3], { stride: 2, padding: 1 }),
  transposed('output padding', [1, 2, 3, 4], [2, 2, 3, 3], {
    stride: [2, 3],
    padding: 1,
    outputPadding: [1, 2],
  }),
  transposed('4 × 4 doubling', [2, 2, 3, 4], [2, 3, 4, 4], { stride: 2, padding: 1 }),
  transposed('stride beyond the kernel', [1, 2, 3, 3], [2, 2, 2, 2], { stride: 3 }),
  transposed('patches of one channel', [1, 2, 3, 4], [2, 1, 2, 1], { stride: [3, 1] }),
  transposed('dilated', [1, 2, 4, 4], [2, 2, 3, 2], { dilation: [2, 3] }),
  transposed('output padding within the dilation', [1, 2, 3, 4], [2, 2, 3, 2], {
    dilation: [3, 2],
    outputPadding: [2, 1],
  }),
  transposed('groups', [2, 4, 3, 3], [4, 3, 3, 2], { groups: 2 }),
  transposed('depthwise', [2, 3, 4, 3], [3, 1, 3, 3], { groups: 3, stride: 2, padding: 1, outputPadding: 1 }),
  transposed('uneven in all', [2, 4, 3, 4], [4, 2, 2, 3], {
    stride: [2, 1],
    padding: [1, 2],
    dilation: [3, 2],
    outputPadding: [1, 0],
    groups: 2,
  }),
  transposed('padding beyond the kernel', [1, 2, 8, 7], [2, 1, 2, 3], { padding: 3 }),
  transposed('one pixel', [2, 3, 1, 1], [3, 2, 4, 4]),
  transposed('empty batch', [0, 2, 4, 4], [2, 3, 3, 3]),
  transposed('3 × 3 of 23 × 19', [3, 7, 23, 19], [7, 11, 3, 3], { padding: 1 }, winograd),
  transposed(
    '3 × 3 doubling 12 × 11',
    [2, 8, 12, 11],
    [8, 9, 3, 3],
    { stride: 2, padding: 1, outputPadding: 1 },
    winograd,
  ),
  row('convTranspose1d', [float([2, 3, 7]), float([3, 4, 3])], (x, w) => convTranspose1d(x, w), dot),
  row(
    'convTranspose1d with everything',
    [float([2, 4, 6]), float([4, 3, 3])],
    (x, w) => convTranspose1d(x, w, { stride: 3, padding: 2, dilation: 2, outputPadding: 2, groups: 2 }),
    dot,
  ),
  volumes('plain', [2, 2, 4, 4, 5], [3, 2, 3, 2, 3]),
  volumes('1 × 1 × 1', [1, 3, 2, 3, 2], [2, 3, 1, 1, 1]),
  volumes('along the depth', [2, 2, 5, 2, 3], [3, 2, 3, 1, 1], { stride: [2, 1, 1], padding: [1, 0, 0] }),
  volumes('within frames', [1, 2, 3, 4, 5], [2, 2, 1, 3, 3], { padding: [0, 1, 1] }),
  volumes('same', [1, 2, 3, 4, 3], [2, 2, 2, 3, 2], { padding: 'same' }),
  volumes('uneven in all', [2, 4, 6, 5, 7], [4, 2, 2, 3, 2], {
    stride: [2, 1, 3],
    padding: [1, 2, 0],
    dilation: [3, 1, 2],
    groups: 2,
  }),
  volumes('depthwise', [1, 3, 4, 4, 4], [3, 1, 3, 3, 3], { groups: 3, padding: 1 }),
  volumes('empty batch', [0, 2, 3, 3, 3], [2, 2, 2, 2, 2]),
  volumes('3 × 3 × 3 of 6 × 12 × 13', [2, 5, 6, 12, 13], [7, 5, 3, 3, 3], { padding: 1 }, winograd),
  transposedVolumes('plain', [1, 2, 3, 2, 3], [2, 3, 2, 3, 2]),
  transposedVolumes('along the depth', [2, 2, 3, 2, 3], [2, 3, 3, 1, 1], {
    stride: [2, 1, 1],
    padding: [1, 0, 0],
  }),
  transposedVolumes('doubling', [1, 2, 2, 3, 2], [2, 2, 3, 3, 3], {
    stride: 2,
    padding: 1,
    outputPadding: 1,
  }),
  transposedVolumes('uneven in all', [2, 4, 3, 2, 3], [4, 2, 2, 3, 2], {
    stride: [2, 1, 3],
    padding: [1, 1, 0],
    dilation: [3, 1, 2],
    outputPadding: [2, 0, 1],
    groups: 2,
  }),
]

export const contractions: Row[] = [...matrices, ...convolutions, ...otherConvolutions]
