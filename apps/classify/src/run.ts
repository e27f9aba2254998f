import { DataLoader } from '@badak/datasets'
import type { Optimizer } from '@badak/optimizers'
import { BadakError, noGrad, seed, zeros } from '@badak/tensor'
import type { Batch, Schedule } from '@badak/training'
import { Classifier } from './classifier.ts'
import type { Source } from './data/source.ts'
import { announceDownloads } from 'command-line/announce-downloads'
import { UsageError } from 'command-line/arguments'
import { createNetwork } from './networks.ts'
import { createOptimizer, createSchedule } from './optimizers.ts'
import { fitWeights, freezeAllButHead, normalisationOf, readWeights } from './pretrained.ts'
import type { RunConfig } from './train-options.ts'

/** What is trained, and with what. */
export interface Run {
  readonly config: RunConfig
  /** Where classifier, report and checkpoint go. */
  readonly directory: string
  readonly source: Source
  readonly classifier: Classifier
  readonly optimizer: Optimizer
  readonly schedule: Schedule | undefined
  readonly loader: DataLoader<Batch>
  readonly testLoader: DataLoader<Batch>
}

/**
 * A run at its beginning: the seed decides its initial values, order, augmentation and dropout.
 *
 * @param announce is told what takes time
 */
export async function createRun(
  config: RunConfig,
  {
    directory,
    source,
    announce,
  }: Pick<Run, 'directory' | 'source'> & { readonly announce: (line: string) => void },
): Promise<Run> {
  const classifier = await createClassifier(config, source, announce)
  const { network } = classifier
  const optimizer = createOptimizer(config.optimizer, network.parameters(), config)
  const { batchSize } = config
  const loader = new DataLoader(source.train, { batchSize, shuffle: true, seed: config.seed })
  return {
    config,
    directory,
    source,
    classifier,
    optimizer,
    schedule: createSchedule(config.schedule, optimizer, {
      lr: config.lr,
      totalSteps: config.epochs * loader.length,
    }),
    loader,
    testLoader: new DataLoader(source.test, { batchSize: Math.min(500, 4 * batchSize) }),
  }
}

async function createClassifier(
  { model, weights: from, freeze, seed: start }: RunConfig,
  { classes, input, normalisation, preparation }: Source,
  announce: (line: string) => void,
): Promise<Classifier> {
  // Since there is batch normalisation, auxiliary heads are not needed to train GoogLeNet.
  const options = model === 'googlenet' ? { auxLogits: false } : {}
  const description = { model, options, classes, input, normalisation, preparation }
  seed(start)
  const network = createNetwork(description)
  checkFit(new Classifier(network, description))
  if (from === undefined) return new Classifier(network, description)
  const weights = await readWeights(from, model, announceDownloads(announce))
  const { anew } = fitWeights(network, weights.tensors)
  announce(`weights from ${from}${anew.length > 0 ? `, but for ${anew.join(', ')}` : ''}`)
  if (freeze) freezeAllButHead(network)
  return new Classifier(network, { ...description, normalisation: normalisationOf(weights, input) })
}

/** Better told now than after the first batch, when a run has begun. @throws UsageError */
function checkFit({ network, viewed, description }: Classifier): void {
  const { channels, height, width } = description.input
  network.eval()
  try {
    // The shapes are checked as the graph is built; nothing is computed.
    noGrad(() => viewed.forward(zeros([1, channels, height, width])))
  } catch (cause) {
    if (!(cause instanceof BadakError)) throw cause
    throw new UsageError(`--model: ${description.model} does not fit these images: ${cause.message}`, {
      cause,
    })
  }
}
