import { bytesPerElement } from '../../../dtype.ts'
import type { Access } from '../../../schedule/kernels.ts'
import { int, runTimeValue, scratchAddress, slotAddress, type Word } from '../launch.ts'

/** An access that may begin somewhere else than in a slot: in scratch memory, say. */
export interface PlacedAccess extends Access {
  readonly address?: Word
}

/**
 * The argument block of a launch while it is written. Each method appends a word and gives its position; code
 * is generated from positions alone, so one module serves all sizes.
 */
export class ArgumentList {
  readonly words: Word[] = []

  int(value: number): number {
    return this.words.push(int(value)) - 1
  }

  value(value: number, as: 'f32' | 'i32'): number {
    return this.words.push(runTimeValue(value, as)) - 1
  }

  scratch(offset: number): number {
    return this.words.push(scratchAddress(offset)) - 1
  }

  /** Where an access begins. */
  address({ slot, dtype, offset, address }: PlacedAccess): number {
    return this.words.push(address ?? slotAddress(slot, offset * bytesPerElement(dtype))) - 1
  }
}
