import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { violations } from './check-imports.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** What the check says about a workspace that holds these files. */
function checkAll(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'check-imports-'))
  folders.push(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return violations(root)
}

const check = (path: string, text: string) => checkAll({ [path]: text })

describe('between packages', () => {
  test.each([
    ['import', `import { Adam } from '@badak/optimizers'`],
    ['export from', `export * from '@badak/optimizers'`],
    ['import()', `const { Adam } = await import('@badak/optimizers')`],
    ['import() of a type', `let adam: import('@badak/optimizers').Adam`],
  ])('%s against the arrows names file, line, import and rule', (_, text) => {
    expect(check('packages/layers/src/linear.ts', `\n${text}\n`)).toEqual([
      'packages/layers/src/linear.ts:2: @badak/optimizers: arrows never turn back: layers → tensor, initializers',
    ])
  })

  test('an arrow holds for what the target stands on', () => {
    expect(check('packages/models/src/vgg.ts', `import { zeros } from '@badak/initializers'`)).toEqual([])
  })

  test('an arrow for types refuses values', () => {
    const path = 'packages/training/src/fit.ts'
    expect(check(path, `import type { Optimizer } from '@badak/optimizers'`)).toEqual([])
    expect(check(path, `import { Adam } from '@badak/optimizers'`)).toEqual([
      `${path}:1: @badak/optimizers: training may import the types of optimizers only: write import type`,
    ])
  })

  test('tests may look sideways, never up', () => {
    expect(check('packages/layers/test/xor.test.ts', `import { Adam } from '@badak/optimizers'`)).toEqual([])
    expect(check('packages/layers/test/xor.test.ts', `import { Conv2d } from '@badak/cnn'`)).toEqual([
      'packages/layers/test/xor.test.ts:1: @badak/cnn: arrows never turn back: cnn stands on layers',
    ])
  })

  test.each([
    [`import '@badak/tensor/dist/x.js'`, 'only the public entry of a package may be imported: @badak/tensor'],
    [`import '../../tensor/src/shape.ts'`, 'relative imports stay inside src; name another package instead'],
    [`import '@badak/layers'`, 'a package does not import itself'],
    [`import '@badak/other'`, 'other is not in the table of packages in scripts/check-imports.ts'],
  ])('%s is refused', (text, reason) => {
    const specifier = text.split(`'`)[1]
    expect(check('packages/layers/src/x.ts', text)).toEqual([
      `packages/layers/src/x.ts:1: ${specifier}: ${reason}`,
    ])
  })

  test('Node-only code is reached by import() from *.node.ts files', () => {
    const reason = 'packages load in browsers: Node-only code lives in *.node.ts files, reached by import()'
    const src = 'packages/datasets/src'
    const disk = { [`${src}/disk.node.ts`]: `import 'node:fs'` }
    expect(checkAll(disk)).toEqual([])
    expect(check(`${src}/idx.ts`, `import 'node:fs'`)).toEqual([`${src}/idx.ts:1: node:fs: ${reason}`])
    expect(checkAll({ ...disk, [`${src}/idx.ts`]: `await import('./disk.node.ts')` })).toEqual([])
    expect(checkAll({ ...disk, [`${src}/idx.ts`]: `import './disk.node.ts'` })).toEqual([
      `${src}/idx.ts:1: ./disk.node.ts: ${reason}`,
    ])
    const between = { ...disk, [`${src}/files.node.ts`]: `import './disk.node.ts'` }
    expect(checkAll({ ...between, [`${src}/idx.ts`]: `import './files.node.ts'` })).toEqual([
      `${src}/idx.ts:1: ./files.node.ts: ${reason}`,
    ])
    const lookedUp = { [`${src}/files.node.ts`]: `process.getBuiltinModule('node:fs')` }
    expect(checkAll({ ...lookedUp, [`${src}/idx.ts`]: `import './files.node.ts'` })).toEqual([])
  })
})

describe('inside tensor', () => {
  test.each([
    ['graph/node.ts', '../ops/reduce.ts', 'graph/'],
    ['graph/node.ts', '../schedule/fuse.ts', 'graph/'],
    ['ops/reduce.ts', '../schedule/fuse.ts', 'ops/'],
    ['ops/reduce.ts', '../backends/wasm/index.ts', 'ops/'],
    ['schedule/fuse.ts', '../ops/reduce.ts', 'schedule/'],
    ['schedule/fuse.ts', '../autograd/backward.ts', 'schedule/'],
    ['backends/wasm/gemm.ts', '../reference/index.ts', 'backends/wasm/'],
    ['backends/reference/index.ts', '../wasm/gemm.ts', 'backends/reference/'],
    ['backends/reference/index.ts', '../../schedule/fuse.ts', 'backends/reference/'],
    ['backends/reference/index.ts', '../../tensor.ts', 'backends/reference/'],
    ['shape.ts', './tensor.ts', 'shape.ts'],
  ])('%s may not import %s', (file, specifier, part) => {
    const [line, ...more] = check(`packages/tensor/src/${file}`, `import '${specifier}'`)
    expect(line).toContain(`packages/tensor/src/${file}:1: ${specifier}: inside tensor, ${part} → `)
    expect(more).toEqual([])
  })

  test.each([
    ['graph/node.ts', '../shape.ts'],
    ['ops/reduce.ts', '../graph/node.ts'],
    ['autograd/backward.ts', '../ops/reduce.ts'],
    ['schedule/plan.ts', '../backends/backend.ts'],
    ['backends/wasm/gemm.ts', '../../schedule/kernels.ts'],
    ['backends/wasm/gemm.ts', './panel.ts'],
    ['tensor.ts', './ops/reduce.ts'],
  ])('%s may import %s', (file, specifier) => {
    expect(check(`packages/tensor/src/${file}`, `import '${specifier}'`)).toEqual([])
  })

  test('the handle and the contracts may be named as types', () => {
    expect(
      check('packages/tensor/src/graph/storage.ts', `import type { Backend } from '../backends/backend.ts'`),
    ).toEqual([])
    expect(
      check('packages/tensor/src/graph/storage.ts', `import { Backend } from '../backends/backend.ts'`),
    ).toHaveLength(1)
  })
})

describe('manifests', () => {
  test.each([
    [
      'layers',
      { dependencies: { '@badak/cnn': '*' } },
      '@badak/cnn: arrows never turn back: layers → tensor, initializers',
    ],
    [
      'layers',
      { devDependencies: { '@badak/cnn': '*' } },
      '@badak/cnn: arrows never turn back: cnn stands on layers',
    ],
    [
      'layers',
      { dependencies: { '@badak/tensor': '*' } },
      '@badak/tensor: tensor is a peer dependency: there is exactly one graph in a program',
    ],
    ['tensor', { dependencies: { three: '*' } }, 'three: tensor depends on nothing'],
    ['other', {}, 'other: not in the table of packages in scripts/check-imports.ts'],
  ])('of %s with %j is refused', (name, manifest, reason) => {
    const path = `packages/${name}/package.json`
    expect(check(path, JSON.stringify(manifest))).toEqual([`${path}: ${reason}`])
  })
})
