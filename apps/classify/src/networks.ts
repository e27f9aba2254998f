import { CifarResNet, createModel, modelNames } from '@badak/models'
import { ValueError } from '@badak/tensor'
import { createModel as createDigitNetwork, modelNames as digitNetworks } from 'mnist/models'
import type { ViewedModel } from '@badak/cnn'
import type { Description } from './description.ts'

/** What a network is made for. */
export type Blueprint = Pick<Description, 'model' | 'options' | 'classes' | 'input'>

/** Smaller ones of the family of `resnet20`, for images of 28 or 32 pixels on a processor. */
const smallResNets: Readonly<Record<string, number>> = { resnet8: 8, resnet14: 14 }

/** The names of all networks: those of the MNIST app, and those of `@badak/models`. */
export const networkNames: readonly string[] = [
  ...digitNetworks,
  ...Object.keys(smallResNets),
  ...modelNames(),
]

/**
 * A network with initial values of its own.
 *
 * @throws ValueError when there is none of that name, or it does not fit the images
 */
export function createNetwork({ model, options, classes, input }: Blueprint): ViewedModel {
  const digits = digitNetworks.find((name) => name === model)
  if (digits !== undefined) {
    const { channels, height, width } = input
    if (channels !== 1 || height !== 28 || width !== 28 || classes.length !== 10) {
      throw new ValueError(
        `${model}: is made for grey images of 28 × 28 pixels in 10 classes: ` +
          `${channels} × ${height} × ${width} in ${classes.length}`,
      )
    }
    return createDigitNetwork(digits)
  }
  const all = { ...options, numClasses: classes.length, inChannels: input.channels }
  const depth = smallResNets[model]
  return depth === undefined ? createModel(model, all) : new CifarResNet(depth, all)
}
