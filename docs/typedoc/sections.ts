// A TypeDoc plugin: the page of a package has the sections of its `index.ts`, in its order.
import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { type Application, type DeclarationReflection, type ProjectReflection, ReflectionGroup } from 'typedoc'

/** A comment above exports, and their names. */
interface Section {
  readonly title: string
  readonly names: string[]
}

const packages = new URL('../../packages/', import.meta.url)

export function load(app: Application): void {
  // After TypeDoc has made its own groups, at -100.
  app.on('reviveProject', arrange, -150)
}

function arrange(project: ProjectReflection): void {
  const modules = project.children ?? []
  for (const folder of readdirSync(packages)) {
    if (!modules.some(({ name }) => name === `@badak/${folder}`))
      throw new Error(`packages/${folder} is not among the entry points in docs/typedoc.json`)
  }
  for (const module of modules) {
    const index = new URL(`${module.name.replace('@badak/', '')}/src/index.ts`, packages)
    module.groups = sectionsOf(module.name, readFileSync(index, 'utf8')).map(({ title, names }) => {
      const group = new ReflectionGroup(title, module)
      group.children = names.map((name) => exported(module, name)).filter((child) => !isAlias(child))
      return group
    })
  }
}

function exported(module: DeclarationReflection, name: string): DeclarationReflection {
  const child = module.children?.find((each) => each.name === name)
  if (child) return child
  throw new Error(`${module.name}: ${name} is exported and has no page`)
}

/** A second name has no page: that of the first tells it. */
function isAlias(child: DeclarationReflection): boolean {
  if (!child.isReference()) return false
  const text = `\n\nAlso exported as \`${child.name}\`.`
  const first = child.getTargetReflection()
  const signatures = first.isDeclaration() ? (first.signatures ?? []) : []
  for (const { comment } of signatures) comment?.summary.push({ kind: 'text', text })
  return true
}

/** The sections of a contents page: exports below a comment belong to it, up to the next comment. */
function sectionsOf(name: string, text: string): Section[] {
  const sections: Section[] = []
  for (const statement of ts.createSourceFile('index.ts', text, ts.ScriptTarget.Latest).statements) {
    if (!ts.isExportDeclaration(statement)) continue
    const { exportClause, pos } = statement
    if (!exportClause || !ts.isNamedExports(exportClause))
      throw new Error(`${name}: index.ts exports what it does not name`)
    const comment = ts.getLeadingCommentRanges(text, pos)?.at(-1)
    if (comment) sections.push({ title: text.slice(comment.pos + 2, comment.end).trim(), names: [] })
    const section = sections.at(-1)
    if (!section) throw new Error(`${name}: the first exports in index.ts have no comment above them`)
    section.names.push(...exportClause.elements.map((element) => element.name.text))
  }
  return sections
}
