/**
 * Writes a model of each family, with its first values and running statistics of one step, for torchvision to load:
 *
 *     node --conditions=@badak/source packages/models/tools/write-samples.ts DIRECTORY
 *     python packages/models/tools/read_back.py DIRECTORY
 */
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { commit, randomNormal, seed, shutdown } from '@badak/tensor'
import { saveSafetensors } from '@badak/formats'
import { createModel, type ImageClassifier } from '@badak/models'

const families = 'alexnet vgg11_bn googlenet resnet18 resnext50_32x4d mobilenet_v2 mobilenet_v3_small'
const names = `${families} squeezenet1_1 densenet121 efficientnet_b0`.split(' ')
const directory = process.argv[2] ?? '.'
seed(7)
const images = randomNormal([2, 3, 96, 96])
const logits: Record<string, unknown> = {}
for (const name of names) {
  const model: ImageClassifier = createModel(name, { numClasses: 10 })
  model.forward(images)
  await commit()
  const output = await (
    model.eval().forward(images) as ReturnType<ImageClassifier['forwardFeatures']>
  ).array()
  logits[name] = output
  await saveSafetensors(join(directory, `${name}.safetensors`), model.stateDict())
  for (const state of Object.values(model.stateDict())) state.dispose()
}
await saveSafetensors(join(directory, 'images.safetensors'), { images })
await writeFile(join(directory, 'logits.json'), JSON.stringify(logits))
shutdown()
