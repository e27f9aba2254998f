/** What is subtracted from each channel of an image in [0, 1], and what the difference is divided by. */
export interface Normalisation {
  /** One number per channel. */
  readonly mean: readonly [red: number, green: number, blue: number]
  /** One number per channel. */
  readonly std: readonly [red: number, green: number, blue: number]
}

/** Mean and standard deviation of ImageNet's training images, which all of torchvision's weights expect. */
export const imagenetNormalisation: Normalisation = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
}
