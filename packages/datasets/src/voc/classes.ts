/** In the order of the challenge: class `t` of detection and classification is `vocClasses[t]`. */
export const vocClasses = [
  'aeroplane',
  'bicycle',
  'bird',
  'boat',
  'bottle',
  'bus',
  'car',
  'cat',
  'chair',
  'cow',
  'diningtable',
  'dog',
  'horse',
  'motorbike',
  'person',
  'pottedplant',
  'sheep',
  'sofa',
  'train',
  'tvmonitor',
] as const

/**
 * The colours in which the challenge draws labels: the bits of a label, three at a time, are the highest of red, green
 * and blue, then the next lower ones.
 *
 * @see VOCdevkit, VOCcode/VOClabelcolormap.m
 */
export function vocColor(label: number): readonly [red: number, green: number, blue: number] {
  const color: [number, number, number] = [0, 0, 0]
  for (let bit = 7, rest = label; rest > 0; bit--, rest >>= 3) {
    for (const channel of [0, 1, 2] as const) color[channel] |= ((rest >> channel) & 1) << bit
  }
  return color
}
