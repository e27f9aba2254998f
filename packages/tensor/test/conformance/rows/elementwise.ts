import {
  acos, asin, atan, atan2, cos, div, erf, floorDiv, mod, pow, sin, sub, tan, tensor, where,
} from '../../../src/index.ts'
import { bool, float, int, row, type Row, uint8 } from '../row.ts'

/** 35 elements: a vector loop and a rest. */
const grid = [5, 7] as const
const positive = float(grid, 0.25, 3)
const inside = float(grid, -0.95, 0.95)
const any = float(grid)

const functions: Row[] = [
  row('neg', [any], (x) => x.neg()),
  row('abs', [any], (x) => x.abs()),
  row('sign', [any], (x) => x.sign()),
  row('floor', [any], (x) => x.floor()),
  row('ceil', [any], (x) => x.ceil()),
  row('round', [float(grid, -4, 4)], (x) => x.round()),
  row('sqrt', [positive], (x) => x.sqrt()),
  row('rsqrt', [positive], (x) => x.rsqrt()),
  row('square', [any], (x) => x.square()),
  row('reciprocal', [positive], (x) => x.reciprocal()),
  row('exp', [float(grid, -5, 5)], (x) => x.exp()),
  row('expm1', [any], (x) => x.expm1()),
  row('log', [positive], (x) => x.log()),
  row('log2', [positive], (x) => x.log2()),
  row('log10', [positive], (x) => x.log10()),
  row('log1p', [float(grid, -0.9, 3)], (x) => x.log1p()),
  row('sin', [float(grid, -9, 9)], (x) => sin(x)),
  row('cos', [float(grid, -9, 9)], (x) => cos(x)),
  row('tan', [float(grid, -1.4, 1.4)], (x) => tan(x)),
  row('asin', [inside], (x) => asin(x)),
  row('acos', [inside], (x) => acos(x)),
  row('atan', [float(grid, -5, 5)], (x) => atan(x)),
  row('sinh', [float(grid, -3, 3)], (x) => x.sinh()),
  row('cosh', [float(grid, -3, 3)], (x) => x.cosh()),
  row('tanh', [float(grid, -3, 3)], (x) => x.tanh()),
  row('sigmoid', [float(grid, -6, 6)], (x) => x.sigmoid()),
  row('erf', [float(grid, -3, 3)], erf),
  row('relu', [any], (x) => x.relu()),
  row('softplus', [float(grid, -6, 6)], (x) => x.softplus()),
  row('clamp both', [any], (x) => x.clamp({ min: -0.7, max: 1.1 })),
  row('clamp min', [any], (x) => x.clamp({ min: -0.5 })),
  row('clamp max', [any], (x) => x.clamp({ max: 0.5 })),
  row('isNaN', [any], (x) => x.sub(x).div(x.sub(x)).isNaN(), { gradients: [] }),
  row('isFinite', [any], (x) => x.div(x.floor()).isFinite(), { gradients: [] }),
]

const [left, right] = [float([3, 5]), float([3, 5])]

const binary: Row[] = [
  row('add', [left, right], (a, b) => a.add(b)),
  row('sub', [left, right], (a, b) => a.sub(b)),
  row('mul', [left, right], (a, b) => a.mul(b)),
  row('div', [left, float([3, 5], 0.5, 3)], (a, b) => a.div(b)),
  row('floorDiv', [float([3, 5], -9, 9), float([3, 5], 0.5, 3)], (a, b) => floorDiv(a, b)),
  row('floorDiv negative', [float([3, 5], -9, 9), float([3, 5], -3, -0.5)], (a, b) => floorDiv(a, b)),
  row('mod', [float([3, 5], -9, 9), float([3, 5], 0.5, 3)], (a, b) => mod(a, b)),
  row('mod negative', [float([3, 5], -9, 9), float([3, 5], -3, -0.5)], (a, b) => mod(a, b)),
  row('pow', [float([3, 5], 0.25, 3), right], (a, b) => a.pow(b)),
  row('pow of 3', [left], (x) => x.pow(3)),
  row('pow of 2', [left], (x) => x.pow(2)),
  row('pow of −1', [float([3, 5], 0.5, 3)], (x) => x.pow(-1)),
  row('pow of −2', [float([3, 5], -3, -0.5)], (x) => x.pow(-2)),
  row('pow of ½', [float([3, 5], 0.5, 3)], (x) => x.pow(0.5)),
  row('pow of 2.5', [float([3, 5], 0.5, 3)], (x) => x.pow(2.5)),
  row('pow of 0', [left], (x) => x.pow(0)),
  row('2 to the power', [right], (x) => pow(2, x)),
  row('maximum', [left, right], (a, b) => a.maximum(b)),
  row('minimum', [left, right], (a, b) => a.minimum(b)),
  row('atan2', [left, right], (a, b) => atan2(a, b)),
  row('add broadcast', [float([3, 1, 5]), float([4, 1])], (a, b) => a.add(b)),
  row('mul broadcast rank 0', [float([]), float([2, 3])], (a, b) => a.mul(b)),
  row('div broadcast', [float([2, 3, 1]), float([1, 3, 7], 0.5, 2)], (a, b) => a.div(b)),
  row('maximum broadcast', [float([4, 1]), float([3])], (a, b) => a.maximum(b)),
  row('number on the left of sub', [left], (x) => sub(2, x)),
  row('number on the left of div', [float([3, 5], 0.5, 3)], (x) => div(1.7, x)),
  row('number on the left of floorDiv', [float([3, 5], 0.5, 3)], (x) => floorDiv(7, x)),
  row('number on the left of mod', [float([3, 5], 0.5, 3)], (x) => mod(7, x)),
  row('number on the right', [left], (x) => x.mul(0.1).add(0.3)),
  row('add rank 0', [float([]), float([])], (a, b) => a.add(b)),
  row('add empty', [float([0, 3]), float([1, 3])], (a, b) => a.add(b)),
  row('add a million', [float([1000, 1000]), float([1000])], (a, b) => a.add(b), {
    gradients: [],
    recorded: false,
  }),
]

const integers = [int([3, 5], -50, 50), int([3, 5], -7, 7)] as const

const whole: Row[] = [
  row('add int32', integers, (a, b) => a.add(b)),
  row('sub int32', integers, (a, b) => a.sub(b)),
  row('mul int32', integers, (a, b) => a.mul(b)),
  row('mul int32 wraps', [int([11], -(2 ** 31), 2 ** 31 - 1), int([11], -(2 ** 31), 2 ** 31 - 1)], (a, b) =>
    a.mul(b),
  ),
  row('div int32', [integers[0], int([3, 5], 1, 7)], (a, b) => a.div(b)),
  row('floorDiv int32', [integers[0], int([3, 5], 1, 7)], (a, b) => floorDiv(a, b)),
  row('floorDiv int32 negative', [integers[0], int([3, 5], -7, -1)], (a, b) => floorDiv(a, b)),
  row('mod int32', [integers[0], int([3, 5], 1, 7)], (a, b) => mod(a, b)),
  row('mod int32 negative', [integers[0], int([3, 5], -7, -1)], (a, b) => mod(a, b)),
  // PyTorch refuses to divide integers by 0; NumPy gives 0.
  row('int32 by 0', [integers[0]], (a) => [floorDiv(a, 0), mod(a, 0)], { recorded: false }),
  row('maximum int32', integers, (a, b) => a.maximum(b)),
  row('minimum int32', integers, (a, b) => a.minimum(b)),
  row('neg abs sign int32', [integers[1]], (x) => [x.neg(), x.abs(), x.sign(), x.relu()]),
  row('floor ceil round int32', [integers[1]], (x) => [x.floor(), x.ceil(), x.round()]),
  row('pow int32', [integers[1]], (x) => [x.pow(0), x.pow(1), x.pow(2), x.pow(5)]),
  row('exp int32', [integers[1]], (x) => x.exp()),
  row('add uint8 wraps', [uint8([19]), uint8([19])], (a, b) => a.add(b)),
  row('mul uint8 wraps', [uint8([19]), uint8([19])], (a, b) => a.mul(b)),
  row('sub uint8 wraps', [uint8([19]), uint8([19])], (a, b) => a.sub(b)),
  row('floorDiv and mod uint8', [uint8([19]), int([19], 1, 30, 'uint8')], (a, b) => [
    floorDiv(a, b),
    mod(a, b),
  ]),
  row('maximum and minimum uint8', [uint8([19]), uint8([19])], (a, b) => [a.maximum(b), a.minimum(b)]),
  row('add bool', [bool([9]), bool([9])], (a, b) => a.cast('int32').add(b)),
  row('add int32 and float32', [integers[0], left], (a, b) => a.add(b)),
  row('mul uint8 and int32', [uint8([7]), int([7])], (a, b) => a.mul(b)),
  row('mul bool and float32', [bool([3, 5]), left], (a, b) => a.mul(b)),
  row('clamp int32', [integers[0]], (x) => x.clamp({ min: -10, max: 20 })),
]

const comparisons: Row[] = [
  row('less', [int([23], 0, 3), int([23], 0, 3)], (a, b) => [a.less(b), a.lessEqual(b), a.equal(b)]),
  row('greater', [int([23], 0, 3), int([23], 0, 3)], (a, b) => [
    a.greater(b),
    a.greaterEqual(b),
    a.notEqual(b),
  ]),
  row('less float32', [left, right], (a, b) => [a.less(b), a.lessEqual(b), a.greater(b), a.greaterEqual(b)], {
    gradients: [],
  }),
  row('equal float32', [left], (x) => [x.equal(x), x.notEqual(x), x.equal(0)], { gradients: [] }),
  row('less uint8', [uint8([23]), uint8([23])], (a, b) => [a.less(b), a.greater(b), a.equal(b)]),
  row('equal bool', [bool([13]), bool([13])], (a, b) => [a.equal(b), a.notEqual(b)]),
  row('less broadcast', [float([4, 1]), float([3])], (a, b) => a.less(b), { gradients: [] }),
  row('logic', [bool([11]), bool([11])], (a, b) => [
    a.logicalAnd(b),
    a.logicalOr(b),
    a.logicalXor(b),
    a.logicalNot(),
  ]),
  row('logic of numbers', [int([11], 0, 2), float([11])], (a, b) => [a.logicalAnd(b), a.logicalNot()], {
    gradients: [],
  }),
]

const choices: Row[] = [
  row('where', [bool([3, 5]), left, right], (c, a, b) => c.where(a, b)),
  row('where broadcast', [bool([3, 1]), float([2, 1, 5]), float([5])], (c, a, b) => c.where(a, b)),
  row('where numbers', [bool([9])], (c) => [c.where(1.5, -2), where(c, 3, 4)]),
  row('where int32', [bool([9]), int([9]), int([9])], (c, a, b) => c.where(a, b)),
  row('where uint8 condition', [int([9], 0, 2, 'uint8'), uint8([9]), uint8([9])], (c, a, b) => c.where(a, b)),
  row('where bool', [bool([9]), bool([9]), bool([9])], (c, a, b) => c.where(a, b)),
  row(
    'cast float32 to integers',
    [float([21], -40, 40)],
    (x) => [x.cast('int32'), x.cast('bool'), x.abs().cast('uint8')],
    { gradients: [] },
  ),
  row('cast int32', [int([21], -300, 300)], (x) => [x.cast('float32'), x.cast('uint8'), x.cast('bool')]),
  row('cast uint8 and bool', [uint8([21]), bool([21])], (x, y) => [
    x.cast('float32'),
    x.cast('int32'),
    y.cast('float32'),
    y.cast('uint8'),
  ]),
  // Half a unit in the last place of float16 at the most.
  row('cast float16 and back', [float([21], -40, 40)], (x) => x.cast('float16').cast('float32'), {
    gradients: [],
    tolerance: 0,
  }),
  row('add float16', [float([21]), float([21])], (a, b) => a.cast('float16').add(b.cast('float16')), {
    gradients: [],
  }),
  row('constants', [float([3])], (x) => x.add(tensor([1, 2, 3])).mul(tensor(2))),
]

export const elementwise: Row[] = [...functions, ...binary, ...whole, ...comparisons, ...choices]
