// A TypeDoc plugin: a class's page tells what the class adds; errors stand in one list; what is said of an option
// of a named type, which TypeDoc drops, stands beside its parameter.
import {
  type Application,
  type Comment,
  CommentTag,
  Converter,
  type DeclarationReflection,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  type SignatureReflection,
} from 'typedoc'

export function load(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.isSignature() && reflection.comment) describeOptions(reflection, reflection.comment)
    }
  })
  // After TypeDoc has found out what is inherited, at 0, and before it makes groups, at -100.
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => edit(project), -50)
}

function edit(project: ProjectReflection): void {
  const removed = new Set<Reflection>()
  for (const reflection of Object.values(project.reflections)) {
    if (reflection.isParameter() && reflection.name === '__namedParameters') reflection.name = 'options'
    if (reflection.comment) listErrors(reflection.comment)
    if (!reflection.isDeclaration() && !reflection.isSignature()) continue
    if (reflection.kindOf([ReflectionKind.Constructor, ReflectionKind.ConstructorSignature])) {
      // Every constructor of a subclass overrides one, which tells a reader nothing.
      delete reflection.overwrites
      delete reflection.inheritedFrom
    } else if (reflection.isDeclaration() && reflection.parent?.kindOf(ReflectionKind.Class)) {
      if (!toldElsewhere(reflection)) continue
      for (const each of [reflection, ...(reflection.signatures ?? [])]) removed.add(each)
    }
  }
  for (const reflection of Object.values(project.reflections)) {
    if (!reflection.isDeclaration() && !reflection.isSignature()) continue
    // It overrides what its parent only inherits, and has no page of its own there.
    const overridden = reflection.overwrites?.reflection
    if (overridden && removed.has(overridden)) delete reflection.overwrites
  }
  for (const reflection of removed) project.removeReflection(reflection)
}

/** A parent's page tells what is inherited; what a subclass must fill in concerns those who write one. */
function toldElsewhere({ flags, inheritedFrom, overwrites }: DeclarationReflection): boolean {
  return inheritedFrom !== undefined || (flags.isProtected && overwrites !== undefined)
}

/** Makes one tag for `options` of the tags for `options.low` and `options.high`. */
function describeOptions({ parameters }: SignatureReflection, comment: Comment): void {
  for (const parameter of parameters ?? []) {
    if (parameter.type?.type === 'reflection') continue
    const prefix = `${parameter.name}.`
    const tags = comment.blockTags.filter(({ tag, name }) => tag === '@param' && name?.startsWith(prefix))
    const [first] = tags
    if (!first) continue
    const content = tags.flatMap(({ name = '', content }, position) => [
      { kind: 'text' as const, text: `${position > 0 ? '; ' : ''}\`${name.slice(prefix.length)}\`: ` },
      ...content,
    ])
    const whole = Object.assign(new CommentTag('@param', content), { name: parameter.name })
    comment.blockTags = comment.blockTags
      .map((tag) => (tag === first ? whole : tag))
      .filter((tag) => !tags.includes(tag))
  }
}

function listErrors(comment: Comment): void {
  const errors = comment.blockTags.filter(({ tag }) => tag === '@throws')
  const [first] = errors
  if (!first) return
  const content = errors.flatMap((error) => [
    { kind: 'text' as const, text: '\n- ' },
    ...error.content.map((part) =>
      part.kind === 'text' ? { ...part, text: part.text.replaceAll(/\b[A-Z]\w*Error\b/g, '`$&`') } : part,
    ),
  ])
  const list = new CommentTag('@throws', content)
  comment.blockTags = comment.blockTags
    .map((tag) => (tag === first ? list : tag))
    .filter((tag) => !errors.includes(tag))
}
