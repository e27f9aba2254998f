import type { Image } from '@badak/images'

/** An object of a map that has a number for each. */
export interface Instance {
  /** Its number in the map. */
  readonly id: number
  /** 1 where it is, 0 elsewhere. */
  readonly mask: Image
  readonly box: readonly [left: number, top: number, right: number, bottom: number]
}

/** The objects of a map of their numbers, by number; 0 and `border` are none. */
export function instancesOf({ width, height, data }: Image, border?: number): Instance[] {
  const found = new Map<number, { readonly mask: Image; readonly box: [number, number, number, number] }>()
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const id = data[i]!
      if (id === 0 || id === border) continue
      let object = found.get(id)
      if (object === undefined) {
        object = {
          mask: { width, height, channels: 1, data: new Uint8Array(width * height) },
          box: [x, y, x + 1, y + 1],
        }
        found.set(id, object)
      }
      object.mask.data[i] = 1
      const { box } = object
      box[0] = Math.min(box[0], x)
      box[2] = Math.max(box[2], x + 1)
      box[3] = y + 1
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([id, object]) => ({ id, ...object }))
}
