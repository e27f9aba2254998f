// Holds the arrows between packages, and between the parts of `tensor`: node scripts/check-imports.ts
import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** Package → what it stands on, and whatever that stands on. `types:` allows `import type` only. */
const packages: Record<string, string[]> = {
  tensor: [],
  initializers: ['tensor'],
  layers: ['tensor', 'initializers'],
  cnn: ['layers'],
  optimizers: ['tensor'],
  images: ['formats'],
  datasets: ['images'],
  training: ['types:optimizers', 'types:datasets', 'layers', 'formats'],
  viz: ['images'],
  detection: ['layers'],
  models: ['cnn', 'detection'],
  formats: ['tensor'],
}

const foundation = ['errors.ts', 'dtype.ts', 'float16.ts', 'shape.ts']
const handles = ['tensor.ts', 'parameter.ts', 'random.ts']
const brought = [
  'image-kernels.ts',
  'sort-kernels.ts',
  'cumulative-sum-kernels.ts',
  'trigonometric-functions.ts',
  'error-function.ts',
  'division-functions.ts',
]
const vocabulary = ['graph/scalar.ts', 'graph/geometry.ts', 'schedule/kernels.ts', 'backends/backend.ts']

/** Part of `tensor/src` → the parts it may import. A part is a file or a folder; the longest match counts. */
const parts: Record<string, string[]> = {
  ...Object.fromEntries(foundation.map((file) => [file, foundation])),
  'graph/': [...foundation],
  'ops/': [...foundation, ...handles, 'graph/', ...brought],
  // Some operations bring their kernels and gradients along: the one shortcut from ops to backends.
  ...Object.fromEntries(brought.map((file) => [file, ['backends/', 'autograd/']])),
  'autograd/': [...foundation, ...handles, 'graph/', 'ops/', 'schedule/'],
  'schedule/': [...foundation, ...handles, 'graph/', 'backends/'],
  'schedule/kernels.ts': [...foundation, ...vocabulary],
  'backends/backend.ts': [...foundation, ...vocabulary],
  'backends/reference/': [...foundation, ...vocabulary],
  'backends/wasm/': [...foundation, ...vocabulary],
  'backends/webgpu/': [...foundation, ...vocabulary],
}
/**
 * What any part may name in an `import type`: the handle that users hold, and the contracts between parts.
 */
const typesForAll = ['tensor.ts', 'parameter.ts', ...vocabulary]

const unknown = 'not in the table of packages in scripts/check-imports.ts'

/** Path from the root → what that file imports. */
type Workspace = Map<string, Import[]>

type Manifest = Partial<Record<string, Record<string, string>>>

interface Import {
  readonly specifier: string
  readonly line: number
  readonly typeOnly: boolean
  readonly dynamic: boolean
}

/** Every package that `name` may import, and whether only its types. */
function reach(name: string, typeOnly = false, found = new Map<string, boolean>()): Map<string, boolean> {
  for (const arrow of packages[name] ?? []) {
    const target = arrow.replace('types:', '')
    const types = typeOnly || arrow !== target
    if (!found.has(target) || (found.get(target) && !types)) reach(target, types, found.set(target, types))
  }
  return found
}

function typeOnlyClause(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
}

/** `import`, `export … from`, `import()` and `import('…').Type` of one source text. */
function importsOf(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, kind: { typeOnly?: boolean; dynamic?: boolean }) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return
    const line = source.getLineAndCharacterOfPosition(specifier.getStart(source)).line + 1
    found.push({ specifier: specifier.text, line, typeOnly: false, dynamic: false, ...kind })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, { typeOnly: typeOnlyClause(node) })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], { dynamic: true })
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, { typeOnly: true })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Why package `name` may not import `specifier`, a package of ours. */
function packageRule(name: string, specifier: string, typeOnly: boolean, test: boolean): string | undefined {
  const [, target = '', subpath] = /^@badak\/([^/]+)(\/.+)?$/.exec(specifier) ?? []
  if (subpath) return `only the public entry of a package may be imported: @badak/${target}`
  if (target === name) return test ? undefined : 'a package does not import itself'
  if (!(target in packages)) return `${target} is ${unknown}`
  // Tests may look sideways (layers may be trained by an optimizer), never up.
  if (test) return reach(target).has(name) ? `arrows never turn back: ${target} stands on ${name}` : undefined
  const types = reach(name).get(target)
  const reached = [...reach(name).keys()].join(', ') || 'nothing'
  if (types === undefined) return `arrows never turn back: ${name} → ${reached}`
  if (types && !typeOnly) return `${name} may import the types of ${target} only: write import type`
  return undefined
}

const matches = (part: string, path: string) => path === part || (part.endsWith('/') && path.startsWith(part))

/** Why one part of tensor may not import another. Paths are relative to `tensor/src`. */
function partRule(from: string, to: string, typeOnly: boolean): string | undefined {
  const own = Object.keys(parts).filter((part) => matches(part, from))
  const part = own.toSorted((a, b) => b.length - a.length)[0]
  if (part === undefined || matches(part, to)) return undefined
  const allowed = [...parts[part]!, ...(typeOnly ? typesForAll : [])]
  if (allowed.some((other) => matches(other, to))) return undefined
  return `inside tensor, ${part} → ${parts[part]!.join(', ')}`
}

const resolve = (file: string, specifier: string) => posix.join(posix.dirname(file), specifier)

/** Whether loading `file` needs Node because of this import. */
function needsNode(file: string, { specifier, typeOnly, dynamic }: Import, nodeOnly: Set<string>): boolean {
  if (typeOnly || dynamic) return false
  return specifier.startsWith('node:') || nodeOnly.has(resolve(file, specifier))
}

/** The *.node.ts files that load nowhere else: those with `node:` imports, and those that import them. */
function nodeOnlyFiles(imports: Workspace): Set<string> {
  const found = new Set<string>()
  for (let size = -1; size < found.size;) {
    size = found.size
    for (const [file, items] of imports) {
      if (file.endsWith('.node.ts') && items.some((item) => needsNode(file, item, found))) found.add(file)
    }
  }
  return found
}

/** Why `file` of package `name` may not hold this import. */
function rule(name: string, file: string, item: Import, nodeOnly: Set<string>): string | undefined {
  const { specifier, typeOnly } = item
  const home = `packages/${name}/`
  const test = !file.startsWith(`${home}src/`)
  if (specifier.startsWith('@badak/')) return packageRule(name, specifier, typeOnly, test)
  if (test) return undefined
  if (!file.endsWith('.node.ts') && needsNode(file, item, nodeOnly)) {
    return 'packages load in browsers: Node-only code lives in *.node.ts files, reached by import()'
  }
  if (!specifier.startsWith('.')) return undefined
  const target = resolve(file, specifier)
  const inside = target.startsWith(`${home}src/`)
  if (!inside) return 'relative imports stay inside src; name another package instead'
  if (name !== 'tensor') return undefined
  return partRule(file.slice(`${home}src/`.length), target.slice(`${home}src/`.length), typeOnly)
}

/** Why a manifest may not list `dependency` under `field`. */
function manifestRule(name: string, field: string, dependency: string): string | undefined {
  if (!dependency.startsWith('@badak/')) {
    const needs = name === 'tensor' && field === 'dependencies'
    return needs ? 'tensor depends on nothing' : undefined
  }
  const tensor = dependency === '@badak/tensor' && field === 'dependencies'
  if (tensor) return 'tensor is a peer dependency: there is exactly one graph in a program'
  return packageRule(name, dependency, true, field === 'devDependencies')
}

/** Every import and dependency under `root` that breaks a rule, as `file:line: import: rule`. */
export function violations(root: string): string[] {
  const found: string[] = []
  const imports: Workspace = new Map()
  for (const file of globSync('packages/*/{src,test}/**/*.ts', { cwd: root }).toSorted()) {
    imports.set(file.replaceAll('\\', '/'), importsOf(file, readFileSync(join(root, file), 'utf8')))
  }
  const nodeOnly = nodeOnlyFiles(imports)
  for (const [path, items] of imports) {
    for (const item of items) {
      const reason = rule(path.split('/')[1]!, path, item, nodeOnly)
      if (reason) found.push(`${path}:${item.line}: ${item.specifier}: ${reason}`)
    }
  }
  for (const file of globSync('packages/*/package.json', { cwd: root }).toSorted()) {
    const path = file.replaceAll('\\', '/')
    const name = path.split('/')[1]!
    if (!(name in packages)) found.push(`${path}: ${name}: ${unknown}`)
    const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest
    for (const field of ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies']) {
      for (const dependency of Object.keys(manifest[field] ?? {})) {
        const reason = manifestRule(name, field, dependency)
        if (reason) found.push(`${path}: ${dependency}: ${reason}`)
      }
    }
  }
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = violations(fileURLToPath(new URL('..', import.meta.url)))
  for (const line of found) console.error(line)
  process.exitCode = found.length > 0 ? 1 : 0
}
