/** A network that comes with the page. */
export interface OfferedNetwork {
  readonly name: string
  readonly url: string
  /** An image for each class, side by side, square. */
  readonly examples?: string
}

const beside = (file: string): string => new URL(file, document.baseURI).href

export const offeredNetworks: readonly OfferedNetwork[] = [
  { name: 'Digits (MNIST)', url: beside('digits.safetensors') },
  {
    name: 'Clothing (Fashion-MNIST)',
    url: beside('clothing.safetensors'),
    examples: beside('clothing-examples.png'),
  },
]
