import { numbers, product, work } from '../side-by-side/work.ts'
import { flopsOf, type ResNet } from './resnet.ts'

function training(name: string, network: ResNet) {
  return { name, network, flops: 3 * flopsOf(network) }
}

/**
 * A training step of ResNet-18 with momentum, on images that are there already. No JavaScript peer is asked:
 * tfjs-wasm has no gradients of convolutions, and in tfjs-cpu and jax-js those of one layer take seconds and
 * more.
 */
export const resnetTraining = work({
  name: 'resnet',
  title: 'Training ResNet-18',
  unit: 'steps/s',
  cases: [
    training('32×32, batch 32, SGD with momentum', {
      batch: 32,
      size: 32,
      classes: 10,
      widths: [64, 128, 256, 512],
      stem: 'small',
    }),
  ],
  torch: 'both layouts',
  sides: {
    badak: async ({ SGD, softmaxCrossEntropy, tensor }, { network }) => {
      const { ResNet18 } = await import('./resnet-model.ts')
      const { batch, size } = network
      const shape = [batch, 3, size, size]
      const model = new ResNet18(network)
      const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 5e-4 })
      const x = tensor(numbers(product(shape)), { shape })
      const t = tensor(Int32Array.from({ length: batch }, (_, k) => k % 10))
      return async () => {
        softmaxCrossEntropy(model.forward(x), t).backward()
        await optimizer.step()
      }
    },
  },
})
