import type { Module } from '@badak/layers'
import { isTensor, type Tensor, ValueError } from '@badak/tensor'

/** What the data of `fit` hands out unless `forward` says otherwise. */
export interface Batch {
  /** Inputs, one example after another along the first axis. */
  readonly x: Tensor
  /** Targets. */
  readonly t: Tensor
}

/** What a model made of a batch, and what it should have made. */
export interface Prediction {
  readonly output: Tensor
  readonly target: Tensor
}

/** Applies a model to a batch. */
export type Forward<B> = (model: Module, batch: B) => Prediction

/** Batches, epoch after epoch: each `for await` is one. A `DataLoader` is one. */
export interface TrainingData<B> extends AsyncIterable<B> {
  /** Batches in an epoch. */
  readonly length?: number
  /** Where it stands, after the batch that was handed out last: needed for checkpoints. */
  state?(): object
  /** Goes on from there with the next iteration. */
  restore?(state: object): void
}

/** `model.forward(x)` against `t`. */
export function forwardBatch(model: Module, batch: unknown): Prediction {
  const { x, t } = batch as Partial<Batch>
  if (!isTensor(x) || !isTensor(t)) {
    throw new ValueError(
      'fit: a batch is not { x, t }: say with the option `forward` what is to be done with it',
    )
  }
  const output = (model.forward as (x: Tensor) => unknown).call(model, x)
  if (!isTensor(output)) {
    throw new ValueError('fit: the model gives no tensor: say with the option `forward` what its output is')
  }
  return { output, target: t }
}
