import { decode } from 'fast-png'
import { expect, test } from 'vitest'
import { History } from '../src/history.ts'
import { accuracyChart, lossChart } from '../src/report/charts.ts'
import { confusionMatrix, confusionTable, worstConfusions } from '../src/report/confusion.ts'
import { digitImage, filterImages, robustScale } from '../src/report/images.ts'
import { escape } from '../src/report/page.ts'

const pixels = (uri: string): number[] => {
  const { data } = decode(Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64'))
  return [...data]
}

test('digits are dark on light', () => {
  const ink = new Uint8Array(784)
  ink[0] = 255
  expect(pixels(digitImage(ink)).slice(0, 2)).toEqual([0, 255])
})

test('weights are red above zero, white at zero, blue below', () => {
  const [first, second] = filterImages({ data: Float32Array.of(1, 0, -1, 9, 0, 0), shape: [2, 1, 1, 3] }, 1)
  expect(pixels(first!)).toEqual([214, 69, 45, 250, 250, 250, 33, 102, 172])
  expect(pixels(second!).slice(0, 3)).toEqual([214, 69, 45])
  expect(filterImages({ data: new Float32Array(50 * 784), shape: [50, 784] }, 1)).toHaveLength(50)
  expect([robustScale(Float32Array.of(-2, 1)), robustScale(new Float32Array(3))]).toEqual([1, 1])
})

test('the confusion matrix counts rows by truth, columns by prediction', () => {
  const matrix = confusionMatrix([4, 4, 9, 4], [4, 9, 9, 9])
  expect([matrix[4]![4], matrix[4]![9], matrix[9]![9], matrix[9]![4]]).toEqual([1, 2, 1, 0])
  expect(confusionTable(matrix)).toContain('title="2 × 4 taken for 9">2</td>')
  expect(confusionTable(matrix)).toContain('33.3 %')
  expect(worstConfusions(matrix, 3)).toContain('<li><b>4</b> taken for <b class="wrong">9</b>, 2 times</li>')
})

test('charts are drawn from one epoch or many', () => {
  for (const epochs of [1, 3]) {
    const history = new History()
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let step = 0; step < 500; step++) history.addStep(1 / (step + 1), 0.5, 0.1)
      history.finishEpoch(0.1, 0.9)
    }
    for (const svg of [lossChart(history, 500), accuracyChart(history, 500)]) {
      expect(svg).toMatch(/^<svg.*<\/svg>$/s)
      expect(svg.match(/<circle/g)).toHaveLength(epochs)
      expect(svg).not.toContain('NaN')
    }
  }
})

test('text is escaped', () => {
  expect(escape('<a href="x">&')).toBe('&#60;a href=&#34;x&#34;&#62;&#38;')
})
