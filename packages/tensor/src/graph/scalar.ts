/** What one element can undergo: the scalar vocabulary, in which the bodies of all kernels are written. */

/**
 * `relu(x)` is x where x > 0, NaN where x is NaN, else 0. `round` rounds halves to even. `not` takes and
 * gives `bool`. `expNonPositive` is eˣ for x ≤ 0; what is below the least normal number may be 0.
 */
export const unaryOps = [
  'neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'sqrt', 'exp', 'expNonPositive', 'expm1', 'log', 'log1p', 'sin', 'cos', 'atan', 'tanh',
  'sigmoid', 'erf', 'relu', 'not',
] as const
export type UnaryOp = (typeof unaryOps)[number]

/**
 * `floorDiv` and `mod` follow NumPy (the remainder has the sign of the divisor; integer division by 0 gives
 * 0). `max` and `min` give NaN if either side is NaN. `less`, `lessEqual`, `equal` give `bool`; `and`, `or`,
 * `xor` take `bool`.
 */
export const binaryOps = [
  'add', 'sub', 'mul', 'div', 'floorDiv', 'mod', 'pow', 'max', 'min', 'less', 'lessEqual', 'equal', 'and', 'or', 'xor',
] as const
export type BinaryOp = (typeof binaryOps)[number]

/** Reductions; on `bool`, `max` is any and `min` is all. */
export const reduceOps = ['sum', 'prod', 'max', 'min'] as const
export type ReduceOp = (typeof reduceOps)[number]
