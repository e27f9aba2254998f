import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { lineChart, reportPage, runReport, tableHTML } from '../src/index.ts'

const history = {
  losses: [2, 1, 0.5, 0.4],
  epochs: [
    { accuracy: 0.5, val_loss: 0.9, val_accuracy: 0.4, lr: 0.1, epoch: 1, step: 2, loss: 1.5, seconds: 2 },
    { accuracy: 0.75, val_loss: 0.8, val_accuracy: 0.6, lr: 0.1, epoch: 2, step: 4, loss: 0.45, seconds: 2 },
  ],
}

test('a page shows text as it is, and charts', () => {
  const { document } = parseHTML(
    reportPage({
      title: 'a < b',
      facts: [['99 %', '"right"']],
      sections: [
        {
          title: 'Curves',
          text: 'x & y',
          content: [lineChart([{ name: 'a', x: [0, 1], y: [0, 1] }]), '<b>bold</b>'],
        },
      ],
    }),
  )
  expect(document.querySelector('h1')!.textContent).toBe('a < b')
  expect(document.querySelector('.facts')!.textContent).toBe('99 %"right"')
  expect(document.querySelector('section p')!.textContent).toBe('x & y')
  expect([
    document.querySelectorAll('figure svg').length,
    document.querySelectorAll('.row b').length,
  ]).toEqual([1, 1])
  expect(tableHTML(['a'], [['<i>']])).toContain('&#60;i&#62;')
})

test('the report of a run has what there is to tell', () => {
  const headings = (html: string) =>
    [...parseHTML(html).document.querySelectorAll('h2')].map((h) => h.textContent)
  expect(headings(runReport({ title: 'run', history }))).toEqual(['Learning', 'Epochs'])
  const full = runReport({
    title: 'run',
    history,
    confusion: [
      [1, 0],
      [0, 1],
    ],
    distributions: [{ kind: 'weight', step: 1, name: 'a', histogram: { min: 0, limits: [1], counts: [2] } }],
    study: { space: {}, ranking: [], importance: {} },
    summary: 'Linear(2, 3) <x>',
    sections: [{ title: 'More', content: [] }],
  })
  expect(headings(full)).toEqual([
    'Learning',
    'Confusion matrix',
    'Distributions: weight',
    'Search',
    'More',
    'Epochs',
    'Layers',
  ])
  const rows = [...parseHTML(full).document.querySelectorAll('table tr')].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  )
  expect(rows).toEqual([
    ['epoch', 'step', 'loss', 'val_loss', 'accuracy', 'val_accuracy', 'lr', 'seconds'],
    ['1', '2', '1.500', '0.9000', '0.5000', '0.4000', '0.1000', '2'],
    ['2', '4', '0.4500', '0.8000', '0.7500', '0.6000', '0.1000', '2'],
  ])
})
