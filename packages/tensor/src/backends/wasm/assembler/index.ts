// Instructions by the names of the specification
export { i32, i64, f32, f64, memory } from './scalar.ts'
export { v128, i8x16, i16x8, i32x4, i64x2, f32x4, f64x2, shuffle32 } from './vector.ts'
export { multiplyAdd, negativeMultiplyAdd, selectLanes } from './relaxed.ts'
export {
  local,
  block,
  loop,
  when,
  choose,
  select,
  least,
  br,
  br_if,
  br_table,
  call,
  leave,
  unreachable,
  forRange,
  whileTrue,
  increase,
} from './control.ts'

// Modules
export { ModuleBuilder, MAXIMUM_PAGES } from './module.ts'
export type { FunctionHandle, Locals, Target } from './module.ts'
export { Local } from './code.ts'
export type { Code, Label, Operand, ValueType } from './code.ts'
export { detectFeatures } from './detect.ts'
