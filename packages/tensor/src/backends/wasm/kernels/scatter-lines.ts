import { bytesPerElement } from '../../../dtype.ts'
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
import { Odometer } from '../body/odometer.ts'
import { loadScalar, storeScalar } from '../body/scalar.ts'
import { reportFault } from './fault.ts'
import type { ScatterSpec } from './scatter-spec.ts'

/** Scattering along the last axis: one unit is a line, contiguous in the store, cleared and then added to. */
export function writeScatterLines(builder: ModuleBuilder, spec: ScatterSpec): void {
  builder.func({ name: 'scatterAdd', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, n, chosen, size, count, updateStep, indexStep] = locals.many('i32', 7)
    const [updates, index, store, update, at, place] = locals.many('i32', 6)
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const accesses = [
      { pointer: updates, access: spec.updates },
      { pointer: index, access: spec.index },
      { pointer: store, access: spec.store },
    ]
    const cursors = accesses.map(({ pointer, access }) => ({ pointer, strides: access.strides.slice(0, -1) }))
    const odometer = new Odometer(locals, args, spec.outer, cursors)
    const bytes = bytesPerElement(spec.dtype)
    return [
      accesses.map(({ pointer, access }) => local.set(pointer, argument(access.base))),
      local.set(size, argument(spec.size)),
      local.set(count, argument(spec.count)),
      local.set(updateStep, argument(spec.updates.strides.at(-1)!)),
      local.set(indexStep, argument(spec.index.strides.at(-1)!)),
      odometer.seek(begin),
      forRange(unit, begin, end, 1, [
        memory.fill(store, 0, i32.mul(size, bytes)),
        local.set(update, updates),
        local.set(at, index),
        forRange(n, 0, count, 1, [
          local.set(chosen, i32.load(at)),
          when(
            i32.lt_u(chosen, size),
            [local.set(place, i32.add(store, i32.mul(chosen, bytes))), addElement(spec.dtype, place, update)],
            reportFault(argument(spec.report)),
          ),
          increase(update, updateStep),
          increase(at, indexStep),
        ]),
        odometer.step(),
      ]),
    ]
  })
}

/** Adds the element at `update` to the one at `place`. */
export function addElement(dtype: ScatterSpec['dtype'], place: Local, update: Operand): Code {
  const add = dtype === 'float32' ? f32.add : i32.add
  return storeScalar(dtype, place, add(loadScalar(dtype, place), loadScalar(dtype, update)))
}
