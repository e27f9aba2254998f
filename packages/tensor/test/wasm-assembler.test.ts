import { describe, expect, test } from 'vitest'
/* oxlint-disable unicorn/consistent-function-scoping -- small programs stand beside what they are to give */
import {
  block,
  br,
  br_if,
  br_table,
  call,
  choose,
  type Code,
  detectFeatures,
  f32,
  f32x4,
  f64,
  f64x2,
  forRange,
  i16x8,
  i32,
  i32x4,
  i64,
  i64x2,
  i8x16,
  increase,
  leave,
  local,
  type Local,
  type Label,
  loop,
  memory,
  ModuleBuilder,
  multiplyAdd,
  negativeMultiplyAdd,
  select,
  shuffle32,
  v128,
  type ValueType,
  when,
  whileTrue,
} from '../src/backends/wasm/assembler/index.ts'

const plain = { sharedMemory: false, relaxedSimd: detectFeatures().relaxedSimd }

type Callable = (...args: (number | bigint)[]) => number

function instantiate(builder: ModuleBuilder): Record<string, Callable> {
  const bytes = builder.bytes()
  expect(WebAssembly.validate(bytes)).toBe(true)
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory },
  })
  return instance.exports as Record<string, Callable>
}

/** The value of one expression. */
function evaluate(type: ValueType, code: Code): number {
  const builder = new ModuleBuilder(plain)
  builder.func({ name: 'value', params: [], results: [type] }, () => code)
  return instantiate(builder)['value']!()
}

/** The four floats of a vector. */
function floats(code: Code): number[] {
  return [0, 1, 2, 3].map((lane) => evaluate('f32', f32x4.extract_lane(lane, code)))
}

/** The four integers of a vector. */
function ints(code: Code): number[] {
  return [0, 1, 2, 3].map((lane) => evaluate('i32', i32x4.extract_lane(lane, code)))
}

describe('scalars', () => {
  test.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, -8192, 2 ** 31 - 1, -(2 ** 31)])(
    'i32 constant %i',
    (value) => {
      expect(evaluate('i32', i32.const(value))).toBe(value)
    },
  )

  test.each([0n, -1n, 2n ** 31n, -(2n ** 48n), 2n ** 48n, 2n ** 63n - 1n, -(2n ** 63n)])(
    'i64 constant %i',
    (value) => {
      expect(evaluate('i64', i64.const(value))).toBe(value)
    },
  )

  test.each([
    ['add', i32.add(2_000_000_000, 2_000_000_000), -294_967_296],
    ['sub', i32.sub(3, 5), -2],
    ['mul', i32.mul(-3, 5), -15],
    ['div_s', i32.div_s(-7, 2), -3],
    ['div_u', i32.div_u(-1, 2), 2 ** 31 - 1],
    ['rem_s', i32.rem_s(-7, 2), -1],
    ['rem_u', i32.rem_u(7, 4), 3],
    ['and', i32.and(12, 10), 8],
    ['or', i32.or(12, 10), 14],
    ['xor', i32.xor(12, 10), 6],
    ['shl', i32.shl(3, 4), 48],
    ['shr_s', i32.shr_s(-16, 2), -4],
    ['shr_u', i32.shr_u(-1, 28), 15],
    ['eqz', i32.eqz(0), 1],
    ['lt_s', i32.lt_s(-1, 0), 1],
    ['lt_u', i32.lt_u(-1, 0), 0],
    ['ge_u', i32.ge_u(4, 4), 1],
    ['reinterpret_f32', i32.reinterpret_f32(1), 0x3f800000],
    ['wrap_i64', i32.wrap_i64(i64.const(2n ** 32n + 5n)), 5],
  ])('i32.%s', (_, code, value) => {
    expect(evaluate('i32', code)).toBe(value)
  })

  test.each([
    ['mul of unsigned halves', i64.mul(i64.extend_i32_u(-1), i64.extend_i32_u(-1)), -8589934591n],
    ['shr_u', i64.shr_u(-1, 60), 15n],
  ])('i64: %s', (_, code, value) => {
    expect(evaluate('i64', code)).toBe(value)
  })

  test.each([
    ['add', f32.add(1.5, 2), 3.5],
    ['neg', f32.neg(2), -2],
    ['demote_f64', f32.demote_f64(0.5), 0.5],
  ])('f32.%s', (_, code, value) => {
    expect(evaluate('f32', code)).toBe(value)
  })

  test('f64', () => {
    expect(evaluate('f64', f64.div(f64.convert_i64_s(1), f64.promote_f32(4)))).toBe(0.25)
    expect(evaluate('f64', f64.const(Math.PI))).toBe(Math.PI)
    expect(evaluate('i32', f64.lt(1, 2))).toBe(1)
    expect(evaluate('f64', f64.copysign(f64.floor(2.5), -1))).toBe(-2)
  })

  test('memory', () => {
    const builder = new ModuleBuilder(plain)
    builder.func({ name: 'run', params: ['i32'], results: ['i32'] }, (_, at) => [
      i32.store(at, -2, 4),
      i32.store8(at, 200, 64),
      memory.copy(i32.add(at, 128), i32.add(at, 4), 4),
      memory.fill(i32.add(at, 132), 1, 4),
      i32.add(
        i32.add(i32.load(at, 128), i32.load8_u(at, 64)),
        i32.add(i32.load16_u(at, 4), i32.load(at, 132)),
      ),
    ])
    expect(instantiate(builder)['run']!(1000)).toBe(-2 + 200 + 65534 + 0x01010101)
  })
})

describe('vectors', () => {
  const a = f32x4.const([1, 2, 3, 4])
  const b = f32x4.const([10, 20, 30, 40])

  test.each([
    ['add', f32x4.add(a, b), [11, 22, 33, 44]],
    ['a number is splat', f32x4.mul(a, 2), [2, 4, 6, 8]],
    ['max', f32x4.max(a, 2.5), [2.5, 2.5, 3, 4]],
    ['pmin', f32x4.pmin(a, 2), [1, 2, 2, 2]],
    ['sqrt', f32x4.sqrt(f32x4.mul(a, a)), [1, 2, 3, 4]],
    ['floor', f32x4.floor(f32x4.div(a, 2)), [0, 1, 1, 2]],
    ['nearest', f32x4.nearest(f32x4.div(a, 2)), [0, 1, 2, 2]],
    ['splat', f32x4.splat(7), [7, 7, 7, 7]],
    ['replace_lane', f32x4.replace_lane(2, a, 9), [1, 2, 9, 4]],
    ['shuffle', shuffle32([0, 4, 1, 5], a, b), [1, 10, 2, 20]],
    ['bitselect', v128.bitselect(a, b, f32x4.gt(a, 2)), [10, 20, 3, 4]],
    ['multiplyAdd', multiplyAdd(plain, a, b, 1), [11, 41, 91, 161]],
    ['multiplyAdd, unfused', multiplyAdd({ ...plain, relaxedSimd: false }, a, b, 1), [11, 41, 91, 161]],
    ['negativeMultiplyAdd', negativeMultiplyAdd(plain, a, b, 1), [-9, -39, -89, -159]],
    [
      'negativeMultiplyAdd, unfused',
      negativeMultiplyAdd({ ...plain, relaxedSimd: false }, a, b, 1),
      [-9, -39, -89, -159],
    ],
    ['convert_i32x4_s', f32x4.convert_i32x4_s(i32x4.const([-1, 2, 3, 4])), [-1, 2, 3, 4]],
    ['demote and promote', f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(b), 2)), [20, 40, 0, 0]],
  ])('f32x4 %s', (_, code, value) => {
    expect(floats(code)).toEqual(value)
  })

  const m = i32x4.const([-1, 2, 3, 4])
  test.each([
    ['add', i32x4.add(m, 1), [0, 3, 4, 5]],
    ['mul', i32x4.mul(m, m), [1, 4, 9, 16]],
    ['shl', i32x4.shl(m, 2), [-4, 8, 12, 16]],
    ['shr_u', i32x4.shr_u(m, 30), [3, 0, 0, 0]],
    ['lt_s', i32x4.lt_s(m, 3), [-1, -1, 0, 0]],
    ['max_s', i32x4.max_s(m, 3), [3, 3, 3, 4]],
    [
      'trunc_sat',
      i32x4.trunc_sat_f32x4_s(f32x4.const([1.9, -1.9, 3e9, Number.NaN])),
      [1, -1, 2 ** 31 - 1, 0],
    ],
    [
      'extend bytes',
      i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(i32x4.splat(0x04c80201))),
      [1, 2, 200, 4],
    ],
    [
      'narrow',
      i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(m, m), i32x4.splat(0x00010001)),
      [0x04030200, 0x04030200, 0x01010101, 0x01010101],
    ],
    ['andnot', v128.andnot(7, m), [0, 5, 4, 3]],
    ['not', v128.not(m), [0, -3, -4, -5]],
    ['extmul', i64x2.extmul_low_i32x4_u(m, 4), [-4, 3, 8, 0]],
    ['i64x2 splat', i64x2.splat(-9), [-9, -1, -9, -1]],
    ['i64x2 shift', i64x2.shr_u(i64x2.const([2n ** 33n, 7]), 1), [0, 1, 3, 0]],
  ])('integers: %s', (_, code, value) => {
    expect(ints(code)).toEqual(value)
  })

  test('lanes', () => {
    expect(ints(i32x4.replace_lane(2, i32x4.splat(1), -5))).toEqual([1, 1, -5, 1])
    expect(evaluate('f64', f64x2.extract_lane(1, f64x2.const([1, 2.5])))).toBe(2.5)
    expect(evaluate('i32', v128.any_true(f32x4.gt(a, 4)))).toBe(0)
  })

  test('memory', () => {
    const builder = new ModuleBuilder(plain)
    builder.func({ name: 'run', params: ['i32'], results: ['f32'] }, (locals, at) => {
      const sum = locals.v128()
      return [
        v128.store(at, f32x4.const([1, 2, 3, 4]), 32),
        v128.store32_lane(at, 3, b, 48),
        local.set(sum, f32x4.add(v128.load(at, 36), v128.load32_splat(at, 44))),
        local.set(sum, f32x4.add(sum, v128.load32_zero(at, 32))),
        local.set(
          sum,
          f32x4.add(sum, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(v128.load16x4_u(at, 2000)))),
        ),
        local.set(sum, v128.load32_lane(at, 1, sum, 48)),
        // [2, 3, 4, 40] + 4 + [1, 0, 0, 0] + 0 with lane 1 replaced by 40
        f32.add(f32x4.extract_lane(0, sum), f32.add(f32x4.extract_lane(1, sum), f32x4.extract_lane(3, sum))),
      ]
    })
    expect(instantiate(builder)['run']!(64)).toBe(7 + 40 + 44)
  })
})

describe('control', () => {
  const run = (body: (x: Local, total: Local) => Code, argument: number): number => {
    const builder = new ModuleBuilder(plain)
    builder.func({ name: 'run', params: ['i32'], results: ['i32'] }, (locals, x) => {
      const total = locals.i32()
      return [body(x, total), total].map((part) => ('index' in part ? local.get(part) : part))
    })
    return instantiate(builder)['run']!(argument)
  }

  test('loop and br_if', () => {
    const body = (x: Local, total: Local): Code =>
      loop((again) => [increase(total, x), br_if(again, local.tee(x, i32.sub(x, 1)))])
    expect(run(body, 10)).toBe(55)
  })

  test('leaving two blocks at once', () => {
    const body = (x: Local, total: Local): Code =>
      block((outer) => [
        block((inner) => [br_if(inner, x), local.set(total, 1), br(outer)]),
        local.set(total, 2),
      ])
    expect(run(body, 0)).toBe(1)
    expect(run(body, 1)).toBe(2)
  })

  test('br_table', () => {
    const body = (x: Local, total: Local): Code =>
      block((done) => [
        block((two) => [block((one) => [br_table([one, two, done], x)]), local.set(total, 10), br(done)]),
        local.set(total, 20),
      ])
    expect([0, 1, 2, 3].map((x) => run(body, x))).toEqual([10, 20, 0, 0])
  })

  test('conditions', () => {
    const body = (x: Local, total: Local): Code => [
      when(i32.gt_s(x, 5), local.set(total, 1), local.set(total, 2)),
      increase(total, select(100, 200, i32.eq(x, 7))),
      increase(total, choose('i32', x, 1000, 2000)),
    ]
    expect(run(body, 7)).toBe(1101)
    expect(run(body, 0)).toBe(2202)
  })

  test('forRange and whileTrue do nothing when there is nothing to do', () => {
    const count = (x: Local, total: Local): Code => forRange(x, x, 7, 3, increase(total, 1))
    expect([0, 1, 6, 7, 9].map((x) => run(count, x))).toEqual([3, 2, 1, 0, 0])
    const halve = (x: Local, total: Local): Code =>
      whileTrue(x, [local.set(x, i32.shr_u(x, 1)), increase(total, 1)])
    expect([0, 1, 8].map((x) => run(halve, x))).toEqual([0, 1, 4])
  })
})

describe('modules', () => {
  test('functions call one another', () => {
    const builder = new ModuleBuilder(plain)
    const scaled = builder.func({ params: ['i32', 'f32'], results: ['f32'] }, (_, x, factor) =>
      choose('f32', i32.eq(x, 6), f32.mul(factor, 42), factor),
    )
    const twice = builder.func({ params: ['i32'], results: ['i32'] }, (_, x) => i32.add(x, x))
    builder.func({ name: 'main', params: ['i32'], results: ['f32'] }, (locals, x) => {
      const [half] = locals.many('f32', 2)
      return [
        local.set(half, f32.const(0.5)),
        when(i32.eqz(x), leave(f32.const(-1))),
        call(scaled, call(twice, x), half),
      ]
    })
    const { main } = instantiate(builder)
    expect(main!(3)).toBe(21)
    expect(main!(4)).toBe(0.5)
    expect(main!(0)).toBe(-1)
  })

  test('refuses what would make a broken module', () => {
    const builder = new ModuleBuilder(plain)
    builder.func({ params: [] }, () =>
      block((label) => [br(label)]).concat(loop((label) => [block(() => br(label))])),
    )
    builder.bytes()
    builder.func({ params: [] }, () => {
      let stray!: Label
      return [
        block((label) => {
          stray = label
          return []
        }),
        br(stray),
      ]
    })
    expect(() => builder.bytes()).toThrow('assembler: branch to a label that does not enclose it')
  })
})

test('features agree with what the engine says of itself', () => {
  const features = detectFeatures()
  expect(features.simd).toBe(true)
  expect(features.threads).toBe(typeof SharedArrayBuffer !== 'undefined')
})
