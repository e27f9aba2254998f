import { UsageError } from 'command-line/arguments'
import { describe, expect, test } from 'vitest'
import { argumentsOf, parseTrainOptions, trainHelp } from '../src/train-options.ts'

const configOf = (line: string) => {
  const options = parseTrainOptions(line.split(' '))
  if (options.kind !== 'train') throw new Error(options.kind)
  return options.config
}

describe('defaults', () => {
  test.each([
    ['--data mnist', { model: 'deep', optimizer: 'adamw', lr: 0.002, weightDecay: 0.05, augment: true }],
    ['--data fashion-mnist', { model: 'resnet14', epochs: 15, schedule: 'one-cycle', batchSize: 128 }],
    ['--data cifar10 --optimizer sgd', { model: 'resnet20', lr: 0.1, weightDecay: 5e-4 }],
    ['--data photos', { model: 'resnet18', labelSmoothing: 0.05, earlyStopping: undefined, seed: 1 }],
    ['--data photos --weights a.pth', { lr: 0.0003, freeze: false }],
    ['--data mnist --no-augment', { augment: false }],
  ])('of %s', (line, expected) => {
    expect(configOf(line)).toMatchObject(expected)
  })
})

test.each([
  ['', '--data: say what to train on: mnist, fashion-mnist, cifar10 or a folder'],
  ['--data mnist --modle deep', "Unknown option '--modle': --help lists the options"],
  ['--data mnist --model resnet19', '--model: expected one of mlp, simple, deep, resnet8'],
  ['--data mnist --epochs 0', '--epochs: expected an integer of at least 1: 0'],
  ['--data mnist --lr fast', '--lr: expected a number above 0: fast'],
  ['--data mnist --label-smoothing 1', '--label-smoothing: expected a number from 0 to 1: 1'],
  ['--data mnist --weight-decay -1', '--weight-decay'],
  ['--data mnist --freeze', '--freeze: without --weights there is nothing that has been learned'],
  ['--resume run --epochs 3', '--resume: a run keeps its --epochs: leave the option out'],
  ['--resume run --no-augment', '--resume: a run keeps its --no-augment: leave the option out'],
])('%j is refused', (line, message) => {
  const parse = (): unknown => parseTrainOptions(line === '' ? [] : line.split(' '))
  expect(parse).toThrow(UsageError)
  expect(parse).toThrow(message)
})

test('a run is made again by the arguments that it remembers', () => {
  const line =
    '--data photos --model lenet --size 32 --grey --weights w.pth --freeze --no-augment --early-stopping 3 ' +
    '--epochs 4 --batch-size 8 --optimizer sgd --lr 0.5 --schedule cosine --weight-decay 0 --label-smoothing 0.2 ' +
    '--seed 9 --limit 50 --data-directory there'
  const config = configOf(line)
  expect(configOf(argumentsOf(config).join(' '))).toEqual(config)
  const plain = configOf('--data mnist')
  expect(configOf(argumentsOf(plain).join(' '))).toEqual(plain)
})

test('how it is started does not belong to a run', () => {
  const options = parseTrainOptions([
    '--resume',
    'run',
    '--threads',
    '2',
    '--backend',
    'reference',
    '--tensorboard',
  ])
  expect(options).toEqual({
    kind: 'resume',
    run: 'run',
    start: { backend: 'reference', threads: 2, tensorBoard: true },
  })
})

test('the help fits a terminal and names every option once', () => {
  expect(Math.max(...trainHelp.split('\n').map((line) => line.length))).toBeLessThanOrEqual(114)
  const listed = [...trainHelp.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, name]) => name)
  expect(new Set(listed).size).toBe(listed.length)
  expect(listed).toHaveLength(23)
})
