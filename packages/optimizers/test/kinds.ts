import type { Parameter } from '@badak/tensor'
import {
  Adadelta,
  AdaGrad,
  Adam,
  Adamax,
  AdamW,
  LAMB,
  Lion,
  NAdam,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from '@badak/optimizers'

/** With options that give each optimizer all the moments that it can have. */
export const kinds: Record<string, (p: readonly Parameter[]) => Optimizer> = {
  SGD: (p) => new SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.5 }),
  AdaGrad: (p) => new AdaGrad(p, { lr: 0.1, lrDecay: 0.1 }),
  RMSprop: (p) => new RMSprop(p, { lr: 0.05, momentum: 0.5, centered: true }),
  Adadelta: (p) => new Adadelta(p),
  Adam: (p) => new Adam(p, { lr: 0.1, amsgrad: true }),
  AdamW: (p) => new AdamW(p, { lr: 0.1, amsgrad: true, weightDecay: 0.1 }),
  NAdam: (p) => new NAdam(p, { lr: 0.1, decoupledWeightDecay: true, weightDecay: 0.1 }),
  RAdam: (p) => new RAdam(p, { lr: 0.1 }),
  Adamax: (p) => new Adamax(p, { lr: 0.1, weightDecay: 0.1 }),
  Lion: (p) => new Lion(p, { lr: 0.1, weightDecay: 0.1 }),
  LAMB: (p) => new LAMB(p, { lr: 0.1, weightDecay: 0.1 }),
}
