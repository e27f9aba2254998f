import {
  gradCam,
  guidedBackpropagation,
  integratedGradients,
  occlusion,
  saliency,
  smoothGrad,
  type ViewedModel,
} from '@badak/cnn'
import type { Tensor } from '@badak/tensor'
import { heatmapOverlay, type ImageOptions, robustMagnitude } from '@badak/viz'
import type { Classifier } from './classifier.ts'

/** One way to see what an answer rests on. */
export interface Explanation {
  /** Of its file. */
  readonly name: string
  readonly title: string
  /** How to read it. */
  readonly text: string
  /** `[1, C, H, W]`, and what its values stand for. */
  readonly picture: Tensor
  readonly range: NonNullable<ImageOptions['range']>
}

/**
 * Six ways to see on which pixels of an image the score of a class rests.
 *
 * @param x `[1, C, H, W]`, values from 0 to 1
 */
export async function explanations(
  classifier: Classifier,
  x: Tensor,
  target: number,
): Promise<Explanation[]> {
  const given = classifier.normalise(x)
  const { viewed } = classifier
  const black = classifier.normalise(x.mul(0))
  const cam = gradCam(viewed, given, { target, layer: classifier.layerOf(given) })
  const gradients = await gradientViews(viewed, given, { target, black })
  const covered = await occlusion(viewed, given, { target, ...windowsFor(x), baseline: black })
  return [
    ...gradients,
    {
      name: 'grad-cam',
      title: 'Grad-CAM',
      text: 'Where the last convolution sees what speaks for the class.',
      picture: await heatmapOverlay(x, cam),
      range: [0, 1],
    },
    {
      name: 'occlusion',
      title: 'Occlusion',
      text: 'How much the score falls when a part is covered: red where the class needs it, blue where it disturbs.',
      ...(await signed(covered)),
    },
  ]
}

async function gradientViews(
  viewed: ViewedModel,
  given: Tensor,
  { target, black }: { readonly target: number; readonly black: Tensor },
): Promise<Explanation[]> {
  const { attributions } = await integratedGradients(viewed, given, {
    target,
    baseline: black,
    batchSize: 10,
  })
  const smooth = await smoothGrad(viewed, given, { target, batchSize: 5 })
  return [
    {
      name: 'saliency',
      title: 'Saliency',
      text: 'How strongly the score answers to a change of each pixel: the magnitude of its gradient.',
      ...(await grey(saliency(viewed, given, { target }))),
    },
    {
      name: 'smooth-grad',
      title: 'SmoothGrad',
      text: 'The same, averaged over 25 noisy copies of the image: what is left is not chance.',
      ...(await grey(strongest(smooth))),
    },
    {
      name: 'integrated-gradients',
      title: 'Integrated gradients',
      text: 'What each pixel adds to the score on the way from a black image: red adds, blue takes away.',
      ...(await signed(attributions.sum({ axis: 1, keepDims: true }))),
    },
    {
      name: 'guided-backpropagation',
      title: 'Guided back-propagation',
      text: 'The gradient of which each ReLU lets through only what speaks for the class: fine detail.',
      ...(await grey(strongest(guidedBackpropagation(viewed, given, { target })))),
    },
  ]
}

/** A map without signs: 0 is black, and all but the outermost hundredth within the greys. */
async function grey(map: Tensor): Promise<Pick<Explanation, 'picture' | 'range'>> {
  return { picture: map, range: [0, await robustMagnitude(map)] }
}

/** A map with signs: what speaks for the class is red, what speaks against it blue. */
async function signed(map: Tensor): Promise<Pick<Explanation, 'picture' | 'range'>> {
  return { picture: map, range: { symmetric: await robustMagnitude(map) } }
}

/** The greatest magnitude among the channels of each pixel: `[1, 1, H, W]`. */
function strongest(map: Tensor): Tensor {
  return map.abs().max({ axis: 1, keepDims: true })
}

/** Windows of a fifth of the image that overlap by half. */
function windowsFor({ shape }: Tensor): { readonly window: number; readonly stride: number } {
  const window = Math.max(2, Math.round(Math.min(shape[2]!, shape[3]!) / 5))
  return { window, stride: Math.max(1, Math.floor(window / 2)) }
}
