import { mkdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { Evaluation } from '../evaluate.ts'
import { argumentsOf, type StartOptions } from '../options.ts'
import { duration, grouped, percent } from '../numbers.ts'
import { firstWeight, type Run } from '../run.ts'
import { accuracyChart, lossChart } from './charts.ts'
import { confusionMatrix, confusionTable, worstConfusions } from './confusion.ts'
import { digitImage, filterImages, robustScale } from './images.ts'
import { escape, page } from './page.ts'

/** Mistakes that are shown; all of them are counted. */
const SHOWN = 120

/** Writes `report.html`, a page that needs no other file and no network. Returns its path. */
export async function writeReport(run: Run, evaluation: Evaluation, start: StartOptions): Promise<string> {
  const { config, directory, history, loader } = run
  const matrix = confusionMatrix(run.data.testLabels, evaluation.predictions)
  const sections = [
    summary(run, evaluation, start),
    section(
      'Learning',
      `<div class="pair">
<figure>${lossChart(history, loader.length)}</figure>
<figure>${accuracyChart(history, loader.length)}</figure>
</div>
<p class="legend"><i class="train"></i> training batches <i class="test"></i> test images, by epoch</p>`,
    ),
    await filters(run),
    section(
      'Confusion matrix',
      `<p>Rows are what the images show, columns what the network saw.</p>
<div class="beside">
${confusionTable(matrix)}
${worstConfusions(matrix, 8)}
</div>`,
    ),
    mistakes(run, evaluation),
    epochs(run),
    section(
      'Run it again',
      `<pre>npm start -- ${argumentsOf(config).join(' ')} --epochs ${history.epochs.length}</pre>`,
    ),
  ]
  mkdirSync(directory, { recursive: true })
  const path = join(directory, 'report.html')
  await writeFileAtomic(path, page(`MNIST · ${config.model} · ${percent(evaluation.accuracy)}`, sections))
  return path
}

function summary(
  { config, directory, history, model, data }: Run,
  evaluation: Evaluation,
  { backend, threads }: StartOptions,
): string {
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0)
  const wrong = Math.round((1 - evaluation.accuracy) * data.test.length)
  const images = data.train.length * history.epochs.length
  const facts: [string, string][] = [
    [percent(evaluation.accuracy), 'of the test images recognised'],
    [grouped(wrong), `mistakes in ${grouped(data.test.length)}`],
    [duration(history.totalSeconds), `of training, ${history.epochs.length} epochs`],
    [grouped(images / history.totalSeconds), 'images a second'],
    [grouped(parameters), 'parameters'],
  ]
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node.js ${process.versions.node}`
  return `<header>
<h1>MNIST <span>${config.model}</span></h1>
<p>${escape(basename(directory))} · ${config.optimizer}, learning rate ${config.lr} × ${config.decay} an epoch,
batches of ${config.batchSize}, seed ${config.seed}
· ${backend}, ${threads} thread${threads === 1 ? '' : 's'} · ${escape(machine)}</p>
<div class="facts">${facts.map(([value, what]) => `<div><b>${value}</b>${what}</div>`).join('')}</div>
<details><summary>Layers</summary><pre>${escape(model.summary([1, 1, 28, 28]))}</pre></details>
</header>`
}

async function filters({ initialWeight, model }: Run): Promise<string> {
  const trained = await firstWeight(model)
  const grid = (images: readonly string[]): string =>
    `<div class="filters">${images.map((image) => `<img src="${image}" alt="">`).join('')}</div>`
  const scale = robustScale(trained.data)
  return section(
    'First layer',
    `<p>What each unit of the first layer looks for, before and after training:
red where it wants ink, blue where it wants none.</p>
<div class="pair">
<figure><figcaption>before</figcaption>${grid(filterImages(initialWeight, scale))}</figure>
<figure><figcaption>after</figcaption>${grid(filterImages(trained, scale))}</figure>
</div>`,
  )
}

/** The test images that were not recognised, those that the network was surest of first. */
function mistakes({ data }: Run, { predictions, probabilities }: Evaluation): string {
  const { testLabels, testPixels } = data
  const sureness = (i: number): number => probabilities[10 * i + predictions[i]!]!
  const wrong = [...predictions.keys()]
    .filter((i) => predictions[i] !== testLabels[i])
    .toSorted((a, b) => sureness(b) - sureness(a))
  const cards = wrong.slice(0, SHOWN).map((i) => {
    const image = digitImage(testPixels.subarray(784 * i, 784 * (i + 1)))
    const [truth, seen, sure] = [testLabels[i], predictions[i], percent(sureness(i), 0)]
    return `<figure title="image ${i}"><img src="${image}" alt="a ${truth}">
<figcaption><b>${truth}</b> → <b class="wrong">${seen}</b><small>${sure}</small></figcaption></figure>`
  })
  const hidden = wrong.length > SHOWN ? ` The ${SHOWN} it was surest of:` : ''
  const text =
    wrong.length === 0
      ? 'None.'
      : `What it is → what it was taken for, and how sure the network was of that.${hidden}`
  return section(
    `${grouped(wrong.length)} mistakes`,
    `<p>${text}</p><div class="mistakes">${cards.join('')}</div>`,
  )
}

function epochs({ history }: Run): string {
  const rows = history.epochs.map(
    ({ epoch, loss, accuracy, testLoss, testAccuracy, seconds }) =>
      `<tr><th>${epoch}</th><td>${loss.toFixed(4)}</td><td>${percent(accuracy)}</td>` +
      `<td>${testLoss.toFixed(4)}</td>` +
      `<td>${percent(testAccuracy)}</td><td>${duration(seconds)}</td></tr>`,
  )
  return section(
    'Epochs',
    `<table class="numbers">
<thead><tr><th>epoch</th><th>training loss</th><th>training accuracy</th>
<th>test loss</th><th>test accuracy</th><th>time</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`,
  )
}

function section(title: string, content: string): string {
  return `<section>\n<h2>${title}</h2>\n${content}\n</section>`
}
