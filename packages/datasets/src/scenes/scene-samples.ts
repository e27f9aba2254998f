import type { Image } from '@badak/images'
import type { Samples } from '../loader/sample-dataset.ts'
import type { Scene } from './compose.ts'
import type { SceneDataset } from './scenes.ts'

/** A scene in the form that transforms take along. */
export interface SceneSample {
  readonly image: Image
  readonly mask: Image
  /** `[N, 4]`: left, top, right and bottom of what is seen of each object. */
  readonly boxes: Float32Array
  /** `[N]`: its class, from 1. */
  readonly labels: Int32Array
  /** Its pixels: 1 where it is seen, 0 elsewhere. */
  readonly instances: readonly Image[]
}

/** The scenes of a data set as samples, for `sampleDataset` and its transforms. */
export function sceneSamples(scenes: SceneDataset): Samples<SceneSample> {
  return { length: scenes.length, get: (index) => sampleOf(scenes.get(index)) }
}

function sampleOf({ image, mask, instances, objects }: Scene): SceneSample {
  return {
    image,
    mask,
    boxes: Float32Array.from(objects.flatMap(({ box }) => [...box])),
    labels: Int32Array.from(objects, ({ label }) => label),
    instances: objects.map((_, i) => ({
      ...instances,
      data: instances.data.map((owner) => (owner === i + 1 ? 1 : 0)),
    })),
  }
}
