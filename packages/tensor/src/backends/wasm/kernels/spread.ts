import {
  type Code,
  f32,
  forRange,
  i32,
  increase,
  local,
  type Local,
  memory,
  type ModuleBuilder,
  type Operand,
  when,
} from '../assembler/index.ts'
import { loadScalar, scalarType, storeScalar } from '../body/scalar.ts'
import { readArguments } from '../contract/arguments.ts'
import { shiftOf, windowWords } from './window-sizes.ts'

/** Adds each element of a plane to its whole window in a plane of zeros, in row-major order. */
export function writeSpread(builder: ModuleBuilder, dtype: 'float32' | 'int32' | 'uint8'): void {
  const shift = shiftOf(dtype)
  const add = (a: Operand, b: Operand): Code => (dtype === 'float32' ? f32.add(a, b) : i32.add(a, b))
  builder.func({ name: 'spread', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [plane, x, y, ky, kx, row, column, source, target, place] = locals.many('i32', 10)
    const value = scalarType(dtype) === 'f32' ? locals.f32() : locals.i32()
    const { code, words: g } = readArguments(locals, args, windowWords)
    const bytesOf = (height: Local, width: Local): Code => i32.shl(i32.mul(height, width), shift)
    const position = (index: Local, stride: Local, k: Local, dilation: Local, padding: Local): Code =>
      i32.sub(i32.add(i32.mul(index, stride), i32.mul(k, dilation)), padding)
    const overWindow = forRange(ky, 0, g.kernelHeight, 1, [
      local.set(row, position(y, g.strideHeight, ky, g.dilationHeight, g.paddingTop)),
      when(
        i32.lt_u(row, g.inputHeight),
        forRange(kx, 0, g.kernelWidth, 1, [
          local.set(column, position(x, g.strideWidth, kx, g.dilationWidth, g.paddingLeft)),
          when(i32.lt_u(column, g.inputWidth), [
            local.set(place, i32.add(target, i32.shl(i32.add(i32.mul(row, g.inputWidth), column), shift))),
            storeScalar(dtype, place, add(loadScalar(dtype, place), value)),
          ]),
        ]),
      ),
    ])
    return [
      code,
      forRange(plane, begin, end, 1, [
        local.set(source, i32.add(g.load, i32.mul(plane, bytesOf(g.outputHeight, g.outputWidth)))),
        local.set(target, i32.add(g.store, i32.mul(plane, bytesOf(g.inputHeight, g.inputWidth)))),
        memory.fill(target, 0, bytesOf(g.inputHeight, g.inputWidth)),
        forRange(
          y,
          0,
          g.outputHeight,
          1,
          forRange(x, 0, g.outputWidth, 1, [
            local.set(value, loadScalar(dtype, source)),
            increase(source, 1 << shift),
            overWindow,
          ]),
        ),
      ]),
    ]
  })
}
