import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { imageCards, lineChart, reportPage, runReport, tableHTML } from '../src/index.ts'

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
    ['epoch', 'step', 'loss', 'validation loss', 'accuracy', 'validation accuracy', 'lr', 'seconds'],
    ['1', '2', '1.500', '0.9000', '0.5000', '0.4000', '0.1000', '2'],
    ['2', '4', '0.4500', '0.8000', '0.7500', '0.6000', '0.1000', '2'],
  ])
})

test('shares are told in per cent, and validation data by the name they are given', () => {
  const report = { title: 'MNIST', name: 'simple', facts: [['98.97 %', 'right']], history } as const
  const html = runReport({
    ...report,
    validation: 'test',
    percent: ['accuracy'],
    command: 'npm start -- <x>',
  })
  const { document } = parseHTML(html)
  const cells = [...document.querySelectorAll('table tr')].map((row) =>
    [...row.children].slice(2, 6).map((cell) => cell.textContent),
  )
  expect(cells).toEqual([
    ['loss', 'test loss', 'accuracy', 'test accuracy'],
    ['1.500', '0.9000', '50.00 %', '40.00 %'],
    ['0.4500', '0.8000', '75.00 %', '60.00 %'],
  ])
  const texts = [...document.querySelectorAll('svg text')].map((text) => text.textContent)
  expect(texts).toEqual(expect.arrayContaining(['test', 'training', '↑ accuracy (%)']))
  expect(texts).not.toContain('validation')
  expect(document.querySelector('h1')!.textContent).toBe('MNIST simple')
  expect(document.querySelector('title')!.textContent).toBe('MNIST · simple · 98.97 %')
  const last = [...document.querySelectorAll('section')].at(-1)!
  expect(last.textContent.trim().split(/\n+/)).toEqual(['Run it again', 'npm start -- <x>'])
})

test('where it is dark, the colours of charts are lighter', () => {
  const { document } = parseHTML(runReport({ title: 'run', history }))
  const [, dark] = /prefers-color-scheme: dark\) \{(.*?)\n\}/s.exec(
    document.querySelector('style')!.textContent,
  )!
  const used = [...document.querySelectorAll('svg [stroke^="#"]')].map((line) => line.getAttribute('stroke')!)
  expect(new Set(used).size).toBeGreaterThan(1)
  for (const color of used) expect(dark).toContain(`svg [stroke="${color}"] { stroke: #`)
})

test('images in a page have what is said of them', () => {
  const cards = imageCards(
    [{ uri: 'data:,a', alt: 'a "7"', caption: '<b>7</b>', tip: 'image <3>' }, { uri: 'data:,b' }],
    { title: 'before & after', width: 50 },
  )
  const { document } = parseHTML(`<html>${cards}</html>`)
  const [first, second] = [...document.querySelectorAll('figure')]
  expect(document.querySelector('h3')!.textContent).toBe('before & after')
  expect([first!.getAttribute('title'), first!.querySelector('figcaption b')!.textContent]).toEqual([
    'image <3>',
    '7',
  ])
  expect(
    [...document.querySelectorAll('img')].map((image) => [
      image.getAttribute('src'),
      image.getAttribute('alt'),
    ]),
  ).toEqual([
    ['data:,a', 'a "7"'],
    ['data:,b', ''],
  ])
  expect(second!.querySelector('figcaption')).toBeNull()
  expect(document.querySelector('[style]')!.getAttribute('style')).toBe('--least: 50px')
})
