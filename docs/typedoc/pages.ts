// A TypeDoc plugin: a class's page tells what the class adds; an operation's errors stand in one list.
import {
  type Application,
  type Comment,
  CommentTag,
  Converter,
  type DeclarationReflection,
  type ProjectReflection,
  ReflectionKind,
} from 'typedoc'

export function load(app: Application): void {
  // After TypeDoc has found out what is inherited, at 0, and before it makes groups, at -100.
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => edit(project), -50)
}

function edit(project: ProjectReflection): void {
  for (const reflection of Object.values(project.reflections)) {
    if (reflection.isParameter() && reflection.name === '__namedParameters') reflection.name = 'options'
    if (reflection.comment) listErrors(reflection.comment)
    if (!reflection.isDeclaration() && !reflection.isSignature()) continue
    if (reflection.kindOf([ReflectionKind.Constructor, ReflectionKind.ConstructorSignature])) {
      // Every constructor of a subclass overrides one, which tells a reader nothing.
      delete reflection.overwrites
      delete reflection.inheritedFrom
    } else if (reflection.isDeclaration() && reflection.parent?.kindOf(ReflectionKind.Class)) {
      if (toldElsewhere(reflection)) project.removeReflection(reflection)
    }
  }
}

/** A parent's page tells what is inherited; what a subclass must fill in concerns those who write one. */
function toldElsewhere({ flags, inheritedFrom, overwrites }: DeclarationReflection): boolean {
  return inheritedFrom !== undefined || (flags.isProtected && overwrites !== undefined)
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
