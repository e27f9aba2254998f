import type { Tensor } from '@badak/tensor'

/** What a checkpoint holds. */
export interface CheckpointContents {
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly metadata: Readonly<Record<string, string>>
}

/** A place for checkpoints: a directory, the browser's private file system, memory. */
export interface CheckpointStore {
  /** The names of the checkpoints that are there. */
  names(): Promise<string[]>
  /** Writes whole or not at all: an interruption leaves what was there before. */
  write(name: string, contents: CheckpointContents): Promise<void>
  /** @throws FormatError when the checkpoint is damaged */
  read(name: string): Promise<CheckpointContents>
  /** Forgets a checkpoint, if it is there. */
  remove(name: string): Promise<void>
}

export const extension = '.safetensors'
