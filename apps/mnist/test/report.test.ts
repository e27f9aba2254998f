import { configure, tensor } from '@badak/tensor'
import type { Section } from '@badak/viz'
import { decode } from 'fast-png'
import { expect, test } from 'vitest'
import { Answers } from 'command-line/answers'
import { mistakes } from 'command-line/mistakes'
import { grouped, percent } from 'command-line/numbers'
import { filters, questionsOf } from '../src/report.ts'

configure({ backend: 'reference' })

/** The content of a section that is HTML alone. */
const htmlOf = (content: Section['content']): string =>
  content.map((part) => (typeof part === 'string' ? part : expect.fail('a chart'))).join('')

/** Red, green and blue of the pixels of each image of a page. */
const picturesOf = (html: Section['content']): number[][] =>
  [...htmlOf(html).matchAll(/data:image\/png;base64,([\w+/=]+)/g)].map(([, text]) => [
    ...decode(Buffer.from(text!, 'base64')).data,
  ])

test('mistakes are shown dark on light, the surest first, with what they were taken for', async () => {
  const testPixels = new Uint8Array(3 * 784)
  testPixels[2 * 784] = 255
  const answers = [
    { digit: 4, sureness: 0.6 },
    { digit: 1, sureness: 1 },
    { digit: 3, sureness: 0.987 },
  ]
  const { title, content } = await mistakes(answers, questionsOf({ testLabels: [9, 1, 7], testPixels }))
  expect(title).toBe('2 mistakes')
  expect(picturesOf(content).map((pixels) => pixels.slice(0, 6))).toEqual([
    [0, 0, 0, 255, 255, 255],
    [255, 255, 255, 255, 255, 255],
  ])
  const captions = [...htmlOf(content).matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(
    ([, caption]) => caption,
  )
  expect(captions).toEqual([
    '<b>7</b> → <b class="wrong">3</b><small>99 %</small>',
    '<b>9</b> → <b class="wrong">4</b><small>60 %</small>',
  ])
  expect(htmlOf(content)).toContain('title="image 2"')
  expect(await mistakes(answers.slice(0, 1), questionsOf({ testLabels: [4], testPixels }))).toEqual({
    title: '0 mistakes',
    text: 'None.',
    content: [],
  })
})

test('of very many mistakes the surest are shown', async () => {
  const answers = Array.from({ length: 130 }, (_, i) => ({ digit: 1, sureness: i / 130 }))
  const testPixels = new Uint8Array(130 * 784)
  const { title, text, content } = await mistakes(
    answers,
    questionsOf({ testLabels: Array(130).fill(2), testPixels }),
  )
  expect([title, picturesOf(content).length]).toEqual(['130 mistakes', 120])
  expect(text).toMatch(/The 120 it was surest of:$/)
  expect(htmlOf(content)).toMatch(/title="image 129".*title="image 10"/s)
  expect(htmlOf(content)).not.toContain('title="image 9"')
})

test('a first layer is shown by the scale of its trained weights, before and after', async () => {
  const before = tensor([[[[0.5, 0, -0.5]]]])
  const { content } = await filters(before, tensor([[[[1, 0, -1]]]]))
  const [first, second] = content.map((part) => picturesOf([part]))
  expect(second).toEqual([[214, 69, 45, 250, 250, 250, 33, 102, 172]])
  expect(first).toEqual([[232, 160, 148, 250, 250, 250, 142, 176, 211]])
  const dense = tensor(new Float32Array(50 * 784)).reshape([50, 784])
  expect(picturesOf((await filters(dense, dense)).content)).toHaveLength(100)
})

test('answers are the likeliest digits and their probabilities, batch by batch', async () => {
  const answers = new Answers()
  await answers.update(tensor([[0, Math.log(3)]]), tensor([0], { dtype: 'int32' }))
  await answers.update(tensor([[0, 0, Math.log(2)]]), tensor([0], { dtype: 'int32' }))
  const restored = new Answers()
  restored.state = JSON.parse(JSON.stringify(answers.state))
  for (const { value } of [answers, restored]) {
    expect(value.map(({ digit }) => digit)).toEqual([1, 2])
    // 3 / (1 + 3) and 2 / (1 + 1 + 2).
    expect(value[0]!.sureness).toBeCloseTo(0.75, 6)
    expect(value[1]!.sureness).toBeCloseTo(0.5, 6)
  }
  answers.reset()
  expect(answers.value).toEqual([])
})

test('numbers as they are shown', () => {
  expect([grouped(1234.5), grouped(7)]).toEqual(['1,235', '7'])
  expect([percent(0.98765), percent(1, 0)]).toEqual(['98.77 %', '100 %'])
})
