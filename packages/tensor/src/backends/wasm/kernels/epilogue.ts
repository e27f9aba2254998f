import type { Body, Instruction } from '../../../schedule/kernels.ts'
import type { PlacedAccess } from '../body/argument-list.ts'
import type { EpiloguePass } from '../contract/index.ts'
import type { Launch } from '../launch.ts'
import { lowerMap } from './map.ts'

/** An epilogue over stored results is a Map in which the accumulator is one more load. */
export function lowerEpilogue({ shape, body, store, accumulator }: EpiloguePass): readonly Launch[] {
  const { dtype, address, strides } = accumulator
  const load: PlacedAccess = { slot: -1, offset: 0, dtype, strides, address }
  return lowerMap({ kind: 'map', label: 'epilogue', shape, body: withAccumulator(body, load), store }, false)
    .launches
}

/** The body with a load in the place of `accumulator`. */
function withAccumulator(body: Body, load: PlacedAccess): Body {
  const instructions = body.instructions.map((instruction): Instruction =>
    instruction.op === 'accumulator'
      ? { op: 'load', dtype: load.dtype, load: body.loads.length }
      : instruction,
  )
  return { loads: [...body.loads, load], instructions }
}
