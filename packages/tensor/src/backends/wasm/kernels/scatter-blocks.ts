import { bytesPerElement } from '../../../dtype.ts'
import {
  type Code,
  f32x4,
  forRange,
  i32,
  i32x4,
  increase,
  local,
  type Local,
  memory,
  type ModuleBuilder,
  select,
  v128,
  when,
  whileTrue,
} from '../assembler/index.ts'
import { Odometer } from '../body/odometer.ts'
import type { AccessSpec } from '../body/spec.ts'
import { reportFault } from './fault.ts'
import { COLUMNS, type ScatterSpec } from './scatter-spec.ts'
import { addElement } from './scatter-lines.ts'

/**
 * Scattering along another axis than the last: one unit is a block of lines that lie side by side. Where they
 * share their indices and updates are contiguous, as in the gradient of a table of rows, four are added at a
 * time.
 */
export function writeScatterBlocks(builder: ModuleBuilder, spec: ScatterSpec): void {
  builder.func({ name: 'scatterAdd', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, block, n, start, stop] = locals.many('i32', 5)
    const [updates, index, store, update, at, place] = locals.many('i32', 6)
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const accesses = [
      { pointer: updates, access: spec.updates },
      { pointer: index, access: spec.index },
      { pointer: store, access: spec.store },
    ]
    // Blocks walk along the last axis of lines by hand.
    const lines = spec.outer.length - 1
    const cursors = accesses.map(({ pointer, access }) => ({
      pointer,
      strides: access.strides.slice(0, lines),
    }))
    const odometer = new Odometer(locals, args, spec.outer.slice(0, lines), cursors)
    const blocks = argument(spec.outer[lines])
    const width = argument(spec.width)
    const bytes = bytesPerElement(spec.dtype)
    return [
      accesses.map(({ pointer, access }) => local.set(pointer, argument(access.base))),
      odometer.seek(i32.div_u(begin, blocks)),
      local.set(block, i32.rem_u(begin, blocks)),
      forRange(unit, begin, end, 1, [
        local.set(start, i32.mul(block, COLUMNS)),
        local.set(stop, i32.add(start, COLUMNS)),
        local.set(stop, select(stop, width, i32.lt_u(stop, width))),
        forRange(n, 0, argument(spec.size), 1, [
          local.set(place, i32.add(i32.add(store, i32.mul(n, argument(spec.step))), i32.mul(start, bytes))),
          memory.fill(place, 0, i32.mul(i32.sub(stop, start), bytes)),
        ]),
        local.set(update, updates),
        local.set(at, index),
        forRange(n, 0, argument(spec.count), 1, [
          addLines(spec, args, {
            start,
            stop,
            store,
            update,
            at,
            place,
            chosen: locals.i32(),
            c: locals.i32(),
          }),
          increase(update, argument(spec.updates.strides.at(-1)!)),
          increase(at, argument(spec.index.strides.at(-1)!)),
        ]),
        increase(block, 1),
        when(i32.eq(block, blocks), [local.set(block, i32.const(0)), odometer.step()]),
      ]),
    ]
  })
}

type LineLocals = Readonly<
  Record<'start' | 'stop' | 'store' | 'update' | 'at' | 'place' | 'chosen' | 'c', Local>
>

/** Adds one element to each line of a block. */
function addLines(
  spec: ScatterSpec,
  args: Local,
  { start, stop, store, update, at, place, chosen, c }: LineLocals,
): Code {
  const argument = (position: number): Code => i32.load(args, 4 * position)
  const lines = spec.outer.length - 1
  const bytes = bytesPerElement(spec.dtype)
  const across = (access: AccessSpec): Code => i32.mul(c, argument(access.strides[lines]))
  const findPlace = local.set(
    place,
    i32.add(i32.add(store, i32.mul(chosen, argument(spec.step))), i32.mul(c, bytes)),
  )
  const addOne = [
    findPlace,
    addElement(spec.dtype, place, i32.add(update, across(spec.updates))),
    increase(c, 1),
  ]
  const ifInside = (then: Code, otherwise: Code): Code =>
    when(i32.lt_u(chosen, argument(spec.size)), then, [reportFault(argument(spec.report)), otherwise])
  if (spec.index.inner !== 'splat') {
    return [
      local.set(c, start),
      whileTrue(i32.lt_u(c, stop), [
        local.set(chosen, i32.load(i32.add(at, across(spec.index)))),
        ifInside(addOne, increase(c, 1)),
      ]),
    ]
  }
  const fours = whileTrue(i32.le_u(i32.add(c, 4), stop), [
    findPlace,
    addFour(spec.dtype, place, i32.add(update, i32.shl(c, 2))),
    increase(c, 4),
  ])
  const mayUseVectors = spec.updates.inner === 'dense' && bytes === 4
  return [
    local.set(c, start),
    local.set(chosen, i32.load(at)),
    ifInside([mayUseVectors ? fours : [], whileTrue(i32.lt_u(c, stop), addOne)], []),
  ]
}

function addFour(dtype: ScatterSpec['dtype'], place: Local, update: Code): Code {
  const add = dtype === 'float32' ? f32x4.add : i32x4.add
  return v128.store(place, add(v128.load(place), v128.load(update)))
}
