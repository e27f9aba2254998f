import { configure, ShapeError, tensor, ValueError } from '@badak/tensor'
import { histogramOf, search, uniform } from '@badak/training'
import { decode } from 'fast-png'
import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import {
  type Chart,
  confusionChart,
  contourPaths,
  distributionsOverTime,
  figureCurves,
  histograms,
  imageGrid,
  imageURIs,
  importanceChart,
  lineChart,
  lossCurves,
  parallelCoordinates,
  runningMean,
  robustMagnitude,
  worstConfusions,
} from '../src/index.ts'

configure({ backend: 'reference' })

/** A chart as a reader of its text sees it. */
function read(chart: Chart): Element {
  const svg = chart.toSVG()
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
  expect(svg).not.toContain('NaN')
  return parseHTML(`<html>${svg}</html>`).document.querySelector('svg')!
}

const texts = (svg: Element) => [...svg.querySelectorAll('text')].map((text) => text.textContent)
const count = (svg: Element, selector: string) => svg.querySelectorAll(selector).length

/** How far an element is moved down. */
function shiftOf(element: Element): number {
  return Number(/translate\([^,]+,([^)]+)\)/.exec(element.getAttribute('transform') ?? '')?.[1] ?? 0)
}

describe('curves', () => {
  const series = [
    { name: 'SGD', x: [1, 2, 3], y: [3, 2, 1] },
    { name: 'Adam', x: [1, 2, 3], y: [2, 1, 0.99], points: true },
    { name: 'noise', x: [1, 2, 3], y: [9, 9, 9], faint: true },
  ]

  test('have names at their ends, but for faint ones', () => {
    const svg = read(lineChart(series, { title: 'MNIST', xLabel: 'steps', yLabel: 'loss' }))
    expect(texts(svg)).toEqual(expect.arrayContaining(['SGD', 'Adam', 'MNIST', 'steps →', '↑ loss']))
    expect(texts(svg)).not.toContain('noise')
    expect([count(svg, 'g[aria-label="line"]'), count(svg, 'circle')]).toEqual([3, 3])
  })

  test('leave gaps where a value cannot be shown', () => {
    const gaps = [{ name: 'loss', x: [1, 2, 3, 4, 5], y: [1, NaN, Infinity, -1, 2] }]
    const moves = (scale: 'linear' | 'log') =>
      read(lineChart(gaps, { yScale: scale }))
        .querySelector('g[aria-label="line"] path')!
        .getAttribute('d')!
        .match(/M/g)
    expect([moves('linear')!.length, moves('log')!.length]).toEqual([2, 2])
    expect(texts(read(lineChart(gaps, { yScale: 'log' })))).toContain('loss')
  })

  test('with ends close to each other have names that are apart', () => {
    const close = ['a', 'b', 'c'].map((name, i) => ({ name, x: [0, 1], y: [10 * i, 1 + i / 1000] }))
    const heights = [
      ...read(lineChart([...close, { name: 'd', x: [0, 1], y: [0, 9] }])).querySelectorAll('text'),
    ]
      .filter((text) => /^[abc]$/.test(text.textContent ?? ''))
      .map((text) => shiftOf(text) + shiftOf(text.parentElement!))
      .toSorted((p, q) => p - q)
    expect(heights.length).toBe(3)
    for (const i of [1, 2]) expect(heights[i]! - heights[i - 1]!).toBeGreaterThan(8)
  })

  test.each([
    [[1, 1], 'linear'],
    [[0.2, 0.19], 'log'],
    // Outside of what is shown: both at the upper edge.
    [[70, 90], 'linear'],
  ] as const)('that end alone and together, at %j, have names that are apart', ([a, b], yScale) => {
    const curves = [
      { name: 'training', x: [0, 1], y: [5, a] },
      { name: 'test', x: [0, 1], y: [2, b] },
    ]
    const svg = read(lineChart(curves, { yScale, ...(a === 70 && { yDomain: [0, 10] as const }) }))
    const [first, second] = ['training', 'test'].map((name) => {
      const text = [...svg.querySelectorAll('text')].find(({ textContent }) => textContent === name)!
      return shiftOf(text) + shiftOf(text.parentElement!)
    })
    expect(Math.abs(first! - second!)).toBeGreaterThanOrEqual(12)
    expect(Math.abs(first! - second!)).toBeLessThan(30)
  })

  test('without anything to show are an empty chart', () => {
    expect(
      texts(
        read(
          lineChart([
            { name: 'loss', x: [1], y: [NaN] },
            { name: 'b', x: [], y: [] },
          ]),
        ),
      ),
    ).not.toContain('loss')
    expect(texts(read(lineChart([])))).not.toContain('loss')
  })

  test('of a history', () => {
    const losses = Array.from({ length: 1000 }, (_, step) => 1 / (1 + step))
    const epochs = [1, 2].map((epoch) => ({
      epoch,
      step: 500 * epoch,
      loss: 1,
      accuracy: 0.5,
      val_loss: 2,
      val_accuracy: 0.4,
    }))
    const svg = read(lossCurves({ losses, epochs }))
    expect(texts(svg)).toEqual(expect.arrayContaining(['training', 'validation', 'epoch →']))
    expect(count(svg, 'circle')).toBe(2)
    expect(texts(read(lossCurves({ losses, epochs: [] })))).toContain('step →')
    expect(texts(read(figureCurves('accuracy', { epochs })))).toContain('↑ accuracy')
  })

  test.each([1, 3])('of a figure that is known of each step, in %d epochs', (length) => {
    const losses = Array<number>(500 * length).fill(1)
    const epochs = Array.from({ length }, (_, i) => ({
      epoch: i + 1,
      step: 500 * (i + 1),
      accuracy: 0.9,
      val_accuracy: 0.95,
    }))
    // The first steps are far below the others: what they are does not decide the axis.
    const accuracy = losses.map((_, step) => (step < 5 ? 0.1 : step % 2 === 0 ? 0.8 : 1))
    const options = { percent: true, validation: 'test' }
    const svg = read(figureCurves('accuracy', { losses, figures: { accuracy }, epochs }, options))
    // A point for each epoch on the validation data alone; the running mean of the steps has none.
    expect(count(svg, 'circle')).toBe(length)
    expect(texts(svg)).toEqual(expect.arrayContaining(['training', 'test', '↑ accuracy (%)', '100']))
    const [line] = svg.querySelectorAll('g[aria-label="line"] path')
    const points = line!.getAttribute('d')!.match(/[\d.]+,[\d.]+/g)!
    expect(points).toHaveLength(400)
    // The mean over 50 steps is 90 % from then on, whatever single ones are.
    expect(new Set(points.slice(100).map((point) => point.split(',')[1])).size).toBe(1)
    const ticks = texts(svg)
      .map(Number)

      .filter((tick) => tick > 5)
    expect(Math.min(...ticks)).toBeGreaterThan(40)
  })

  test('of unequal lists are refused', () => {
    expect(() => lineChart([{ name: 'a', x: [1], y: [1, 2] }])).toThrow(
      new ValueError('lineChart: "a" has 1 x and 2 y'),
    )
  })
})

test('histograms stand side by side, also that of a single value', () => {
  const named = {
    'layer 1': histogramOf([0, 1, 2, 2], 4),
    'layer 2': histogramOf([5, 5]),
    'layer 3': histogramOf([NaN]),
  }
  const svg = read(histograms(named, { title: 'activations', columns: 2 }))
  expect(texts(svg)).toEqual(expect.arrayContaining(['layer 1', 'layer 2', 'layer 3', 'activations']))
  const bars = [...svg.querySelectorAll('g[aria-label="rect"]')].map((group) => count(group, 'rect'))
  expect(bars).toEqual([4, 1])
})

test('distributions: a panel for each name, a column for each step', () => {
  const at = (step: number, name: string) => ({ step, name, histogram: histogramOf([0, 1, 2, 3], 2) })
  const svg = read(distributionsOverTime([at(10, 'a'), at(20, 'a'), at(30, 'a'), at(10, 'b')]))
  expect(texts(svg)).toEqual(expect.arrayContaining(['a', 'b']))
  expect([...svg.querySelectorAll('g[aria-label="rect"]')].map((group) => count(group, 'rect'))).toEqual([
    6, 2,
  ])
})

test('contours, with a path in each panel', () => {
  const paths = {
    SGD: [
      [-7, 2],
      [0, 0],
    ],
    Adam: [
      [-7, 2],
      [-3, 1],
      [0, 0],
    ],
  } as const
  const svg = read(
    contourPaths((x, y) => x ** 2 / 20 + y ** 2, paths, { x: [-10, 10], y: [-5, 5], thresholds: [1, 4, 9] }),
  )
  expect([count(svg, 'svg'), count(svg, 'circle')]).toEqual([2, 5])
  expect(count(svg, 'g[aria-label="contour"] path')).toBeGreaterThanOrEqual(2 * 3)
  expect(texts(svg)).toEqual(expect.arrayContaining(['SGD', 'Adam']))
})

describe('a confusion matrix', () => {
  test('shows counts, and no noughts', () => {
    const svg = read(
      confusionChart(
        [
          [1200, 1],
          [0, 3],
        ],
        { classes: ['cat', 'dog'] },
      ),
    )
    // What was right of 1,201 cats and of 3 dogs.
    expect(texts(svg)).toEqual(expect.arrayContaining(['right', '99.9 %', '100.0 %', '·']))
    const tips = [...svg.querySelectorAll('rect title')].map((title) => title.textContent)
    expect(tips).toEqual([
      '1,200 × cat recognised',
      '1 × cat taken for dog',
      '0 × dog taken for cat',
      '3 × dog recognised',
    ])
    const fills = [...svg.querySelectorAll('rect')].map((rect) => rect.getAttribute('fill'))
    expect(fills[0]).toBe(fills[3])
    expect(new Set(fills).size).toBe(3)
    expect(count(svg, 'rect')).toBe(4)
    expect(texts(svg)).toEqual(expect.arrayContaining(['1,200', '1', '3', 'cat', 'dog', 'predicted', 'true']))
    expect(texts(svg)).not.toContain('0')
  })

  test('must be square, and have as many names', () => {
    expect(() => confusionChart([[1, 2]])).toThrow(
      new ShapeError('confusionChart: rows, columns and names differ in number: [1,2], 1 names'),
    )
    expect(() => worstConfusions([[1]], { classes: ['a', 'b'] })).toThrow(
      new ShapeError('worstConfusions: rows, columns and names differ in number: [1,1], 2 names'),
    )
  })

  test('of a class that does not occur has no share', () => {
    expect(
      texts(
        read(
          confusionChart([
            [0, 0],
            [1, 1],
          ]),
        ),
      ),
    ).toEqual(expect.arrayContaining(['–', '50.0 %']))
  })

  test('its greatest mistakes', () => {
    const counts = [
      [9, 1, 3],
      [0, 9, 1200],
      [0, 2, 9],
    ]
    const html = worstConfusions(counts, { classes: ['<a>', 'b', 'c'], most: 4 })
    expect([...html.matchAll(/<li>(.*?)<\/li>/g)].map(([, item]) => item)).toEqual([
      '<b>b</b> taken for <b class="wrong">c</b>, 1,200 times',
      '<b>&#60;a&#62;</b> taken for <b class="wrong">c</b>, 3 times',
      '<b>c</b> taken for <b class="wrong">b</b>, 2 times',
      '<b>&#60;a&#62;</b> taken for <b class="wrong">b</b>, once',
    ])
    expect(worstConfusions([[1]])).toContain('No mistakes.')
  })
})

describe('images', () => {
  const pictures = (svg: Element) =>
    [...svg.querySelectorAll('image')].map((image) => {
      const base64 = image.getAttribute('href')!.replace('data:image/png;base64,', '')
      return Array.from(decode(Buffer.from(base64, 'base64')).data)
    })

  test('from black to white', async () => {
    const svg = read(
      await imageGrid(
        tensor([
          [
            [0, 1],
            [0.5, 0],
          ],
        ]),
        { labels: ['a 7'] },
      ),
    )
    expect(pictures(svg)).toEqual([[0, 255, 128, 0].flatMap((grey) => [grey, grey, grey])])
    expect(texts(svg)).toEqual(['a 7'])
  })

  test('in colour, and weights about zero', async () => {
    const colour = tensor([[[[1]], [[0]], [[0.2]]]])
    expect(pictures(read(await imageGrid(colour, { range: [0, 1] })))).toEqual([[255, 0, 51]])
    const weights = tensor([[[[-2, 0, 1]]]])
    expect(pictures(read(await imageGrid(weights, { range: 'symmetric' })))).toEqual([
      [33, 102, 172, 250, 250, 250, 232, 160, 148],
    ])
  })

  test('of weights by a scale that one large weight does not spoil', async () => {
    const weights = Float32Array.from({ length: 1000 }, (_, i) => (i === 500 ? 80 : i % 2 === 0 ? 2 : -1))
    expect(await robustMagnitude(tensor(weights))).toBe(2)
    expect(await robustMagnitude(tensor(new Float32Array(3)))).toBe(1)
    const range = { symmetric: 1 }
    const [first, second] = await imageURIs(tensor([[[[1, 0, -1]]], [[[9, 0.5, 0]]]]), { range })
    const pixels = (uri: string) => [
      ...decode(Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64')).data,
    ]
    expect(pixels(first!)).toEqual([214, 69, 45, 250, 250, 250, 33, 102, 172])
    expect(pixels(second!)).toEqual([214, 69, 45, 232, 160, 148, 250, 250, 250])
  })

  test('are refused when they are none', async () => {
    await expect(imageURIs(tensor([1, 2]))).rejects.toThrow(
      new ShapeError('imageURIs: expected images [N, H, W], [N, 1, H, W] or [N, 3, H, W]: [2]'),
    )
    await expect(imageGrid(tensor([[1, 2]]))).rejects.toThrow(
      new ShapeError('imageGrid: expected images [N, H, W], [N, 1, H, W] or [N, 3, H, W]: [1,2]'),
    )
  })
})

test('a search: a line for each trial, an axis for each hyper-parameter', async () => {
  const space = { lr: uniform(0, 1), momentum: uniform(0, 0.9) }
  const study = await search({ space, objective: ({ lr }) => lr, trials: 20 })
  const svg = read(parallelCoordinates(study))
  expect(count(svg, 'g[aria-label="line"] path')).toBe(20)
  expect(texts(svg)).toEqual(expect.arrayContaining(['lr', 'momentum', '0', '0.9']))
  const bars = read(importanceChart(study))
  expect(count(bars, 'rect')).toBe(2)
  expect(texts(bars).some((text) => /^\d+ %$/.test(text ?? ''))).toBe(true)
})

test('a running mean is over the steps before, and reaches the last', () => {
  expect(runningMean([1, 2, 3, 6], { width: 2 })).toEqual({ x: [1, 2, 3, 4], y: [1, 1.5, 2.5, 4.5] })
  expect(runningMean([1, 2, 3, 6], { stepsPerUnit: 2 })).toEqual({ x: [0.5, 1, 1.5, 2], y: [1, 1.5, 2, 3] })
  const { x, y } = runningMean(Array.from({ length: 1000 }, (_, step) => step))
  expect([x.length, x.at(-1), y.at(-1)]).toEqual([400, 1000, 974.5])
  expect(runningMean([])).toEqual({ x: [], y: [] })
})
