import { describe, expect, test } from 'vitest'
import { UsageError } from 'command-line/arguments'
import { argumentsOf, help, parseOptions } from '../src/options.ts'

const usual = { model: 'simple', optimizer: 'adam', lr: 0.001, decay: 0.85, batchSize: 100, seed: 1, limit: undefined }

test('without options, the usual run', () => {
  expect(parseOptions([])).toMatchObject({
    kind: 'train',
    config: usual,
    start: { backend: 'wasm', epochs: undefined },
  })
})

test('every option is taken, and the learning rate follows the optimizer', () => {
  const args =
    '--model deep --epochs 20 --batch-size 50 --optimizer sgd --decay 1 --seed 7 --threads 2 --data d ' +
    '--limit 9 --backend reference'
  const options = parseOptions(args.split(' '))
  expect(options).toEqual({
    kind: 'train',
    config: { model: 'deep', optimizer: 'sgd', lr: 0.1, decay: 1, batchSize: 50, seed: 7, limit: 9 },
    start: { epochs: 20, threads: 2, backend: 'reference', data: 'd' },
  })
  expect(parseOptions(['--lr', '0.5'])).toMatchObject({ config: { lr: 0.5 } })
  expect(parseOptions(['--resume', 'r', '--epochs', '3'])).toMatchObject({
    kind: 'resume',
    run: 'r',
    start: { epochs: 3 },
  })
})

test('a configuration is its command line', () => {
  const config = { ...usual, model: 'mlp', lr: 1e-7, limit: 300 } as never
  expect(parseOptions(argumentsOf(config))).toMatchObject({ config })
})

test('the help names every option', () => {
  expect(parseOptions(['--help'])).toEqual({ kind: 'help' })
  for (const name of [
    'model',
    'epochs',
    'batch-size',
    'optimizer',
    'lr',
    'decay',
    'seed',
    'threads',
    'backend',
    'data',
    'limit',
    'resume',
    'help',
  ]) {
    expect(help).toContain(`--${name}`)
  }
})

describe('mistakes are told in one line', () => {
  test.each([
    ['--modle mlp', "Unknown option '--modle': --help lists the options"],
    ['mlp', "Unexpected argument 'mlp': --help lists the options"],
    ['--model', "Option '--model <value>' argument missing: --help lists the options"],
    ['--model vgg', '--model: expected one of mlp, simple, deep: vgg'],
    ['--optimizer lion', '--optimizer: expected one of sgd, momentum, nesterov, adagrad, adam: lion'],
    ['--backend cuda', '--backend: expected one of wasm, reference: cuda'],
    ['--batch-size 0', '--batch-size: expected an integer of at least 1: 0'],
    ['--decay 1.5', '--decay: expected a number above 0, at most 1: 1.5'],
    ['--epochs 1.5', '--epochs: expected an integer of at least 1: 1.5'],
    ['--lr -1', "Option '--lr' argument is ambiguous: --help lists the options"],
    ['--lr=-1', '--lr: expected a number above 0: -1'],
    ['--lr=NaN', '--lr: expected a number above 0: NaN'],
    ['--seed=-1', '--seed: expected an integer from 0 to 4294967295: -1'],
    ['--threads 0', '--threads: expected an integer from 1 to 64: 0'],
    ['--limit=', '--limit: expected an integer of at least 1: '],
    ['--resume r --lr 0.1', '--resume: a run keeps its --lr: leave the option out'],
  ])('%s', (line, message) => {
    const attempt = (): unknown => parseOptions(line.split(' '))
    expect(attempt).toThrow(UsageError)
    expect(attempt).toThrow(message)
    expect(attempt).not.toThrow(/\n/)
  })
})
