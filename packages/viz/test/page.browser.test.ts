import { expect, test } from 'vitest'
import { lineChart } from '../src/index.ts'

test('in a page a chart is an element, drawn in it', () => {
  const chart = lineChart([{ name: 'loss', x: [0, 1, 2], y: [3, 2, 1] }], { xLabel: 'step' })
  const element = chart.toElement()
  document.body.append(element)
  expect(element.ownerDocument).toBe(document)
  const { width, height } = element.getBoundingClientRect()
  // As wide as the page lets it be.
  expect(width).toBeGreaterThan(300)
  expect(width / height).toBeCloseTo(520 / 320, 2)
  const [line] = element.querySelectorAll<SVGPathElement>('g[aria-label="line"] path')
  expect(line!.getTotalLength()).toBeGreaterThan(300)
  expect(chart.toSVG()).toContain('>loss</text>')
})
