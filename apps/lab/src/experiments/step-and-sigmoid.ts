import { type Module, Module as Layer, Sigmoid, softmaxCrossEntropy, step } from '@badak/layers'
import { grad, linspace, seed as setSeed, sigmoid, type Tensor } from '@badak/tensor'
import { lineChart } from '@badak/viz'
import type { Experiment } from '../experiment.ts'
import { perceptron } from '../networks.ts'

class Step extends Layer {
  forward(x: Tensor): Tensor {
    return step(x)
  }
}

/** The greatest gradient of the first layer's weights on some digits. */
async function firstGradient(activation: () => Module, x: Tensor, t: Tensor): Promise<number> {
  const model = perceptron([50], { activation })
  softmaxCrossEntropy(model.forward(x), t).backward()
  const { grad: gradient } = model.parameters()[0]!
  // Behind a step there is none at all.
  return gradient ? gradient.abs().max().item() : 0
}

/** Why networks have sigmoids and not steps. */
export const stepAndSigmoid: Experiment = {
  name: 'step-and-sigmoid',
  question: 'What does a smooth activation give that a step does not?',
  async run({ digits, seed }) {
    const { train } = await digits()
    const { x, t } = await train.gatherBatch(Int32Array.from({ length: 100 }, (_, i) => i))
    setSeed(seed)
    const ofStep = await firstGradient(() => new Step(), x, t)
    setSeed(seed)
    const ofSigmoid = await firstGradient(() => new Sigmoid(), x, t)
    const points = linspace(-6, 6, 241)
    const [xs, steps, sigmoids] = await Promise.all([
      points.data(),
      step(points).data(),
      sigmoid(points).data(),
    ])
    const slope = await grad((z: Tensor) => sigmoid(z).sum())(points).data()
    return {
      statement:
        `The greatest gradient of the first layer is ${ofStep} with steps, so that it never learns, and ` +
        `${ofSigmoid.toExponential(1)} with sigmoids.`,
      holds: ofStep === 0 && ofSigmoid > 1e-4,
      charts: [
        lineChart([
          { name: 'step', x: xs, y: steps },
          { name: 'sigmoid', x: xs, y: sigmoids },
          { name: "sigmoid'", x: xs, y: slope },
        ]),
      ],
    }
  },
}
