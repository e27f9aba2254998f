import { f32x4, local, multiplyAdd, negativeMultiplyAdd, selectLanes, v128 } from '../assembler/index.ts'
import { moderateExponential } from './exponential.ts'
import type { MathFunction } from './library.ts'
import { polynomial } from './polynomial.ts'

// Minimax polynomials by N. Juffa: (erf x − x) / x in x² near 0, and ln(1 − erf x) + x further out.
const NEAR = [1.28379166e-1, -3.76125336e-1, 1.12819925e-1, -2.67681349e-2, 4.99119423e-3, -5.96761703e-4]
const FAR = [
  -1.28717512e-1, -6.34846687e-1, -1.06777877e-1, 2.42546219e-2, -3.88396438e-3, 3.83197126e-4, -1.7285347e-5,
]

/** erf x, within 1.5 units of the last place. */
export const erf: MathFunction = {
  operands: 1,
  write(context, x) {
    const { locals, target } = context
    const [t, square, near, p, far] = locals.many('v128', 5)
    const { code, first, second } = moderateExponential(context, far)
    return [
      local.set(t, f32x4.abs(x)),
      local.set(square, f32x4.mul(x, x)),
      ...polynomial(target, near, square, NEAR),
      local.set(near, multiplyAdd(target, near, x, x)),
      // From 4 on it is 1 to the last bit; further out the polynomial would turn round.
      local.set(far, f32x4.pmin(t, 4)),
      ...polynomial(target, p, far, FAR),
      local.set(far, f32x4.sub(f32x4.mul(p, far), far)),
      ...code,
      local.set(far, negativeMultiplyAdd(target, first, second, 1)),
      local.set(far, v128.or(far, v128.and(x, 0x80000000 | 0))),
      selectLanes(target, far, near, f32x4.gt(t, 0.927734375)),
    ]
  },
}
