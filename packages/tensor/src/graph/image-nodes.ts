import { build } from './build.ts'
import type { ConvolutionGeometry, ConvolutionMode, WindowGeometry, WindowMode } from './geometry.ts'
import type { Node } from './node.ts'

/** A convolution or one of its gradients; the geometry has been checked. */
export function convolutionNode(
  mode: ConvolutionMode,
  geometry: ConvolutionGeometry,
  left: Node,
  right: Node,
): Node {
  const g = geometry
  const shape = {
    forward: [g.batch, g.outputChannels, g.outputHeight, g.outputWidth],
    inputGradient: [g.batch, g.inputChannels, g.inputHeight, g.inputWidth],
    weightGradient: [g.outputChannels, g.inputChannels / g.groups, g.kernelHeight, g.kernelWidth],
  }[mode]
  return build({ kind: 'convolution', mode, geometry }, [left, right], shape, left.dtype)
}

/** A window over the last two axes; the geometry has been checked. `gradient` is for `maxGradient`. */
export function windowNode(mode: WindowMode, geometry: WindowGeometry, x: Node, gradient?: Node): Node {
  const g = geometry
  const isGradient = mode === 'spread' || mode === 'maxGradient'
  const plane = isGradient ? [g.inputHeight, g.inputWidth] : [g.outputHeight, g.outputWidth]
  const dtype = mode === 'argmax' ? 'int32' : x.dtype
  const inputs = gradient ? [x, gradient] : [x]
  return build({ kind: 'window', mode, geometry }, inputs, [...x.shape.slice(0, -2), ...plane], dtype)
}
