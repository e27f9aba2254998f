import type { SceneObject } from './compose.ts'

/** Objects of a class, told of together. */
interface Group {
  readonly name: string
  readonly members: readonly SceneObject[]
  /** Of all of them, where they agree. */
  readonly colour: string | undefined
}

/**
 * What a scene shows, in several ways, the fullest first: 'a red car left of two dogs', 'two dogs right of a red
 * car', 'a red car and two dogs', 'two dogs and a car'. No two are equal.
 */
export function captionsOf(objects: readonly SceneObject[], classes: readonly string[]): string[] {
  const groups = groupsOf(objects, classes)
  const [first, second, ...others] = groups
  if (first === undefined) return ['an empty scene', 'nothing', 'no objects']
  const names = groups.map((group) => phrase(group))
  const plain = groups.map((group) => phrase({ ...group, colour: undefined }))
  const captions = [
    list(names),
    list(plain),
    `there ${isAre(first)} ${list(plain)}`,
    list(plain.toReversed()),
  ]
  const relation = second && relationOf(first, second)
  if (second && relation) {
    const rest = others.length > 0 ? `, with ${list(others.map((group) => phrase(group)))}` : ''
    captions.unshift(
      `${names[0]} ${relation.of} ${names[1]}${rest}`,
      `${names[1]} ${relation.inverse} ${names[0]}${rest}`,
      `${plain[0]} ${relation.of} ${plain[1]}`,
    )
  }
  return [...new Set(captions)]
}

/** Those of which most is seen first. */
function groupsOf(objects: readonly SceneObject[], classes: readonly string[]): Group[] {
  const labels = [...new Set(objects.map(({ label }) => label))]
  const groups = labels.map((label): Group => {
    const members = objects.filter((object) => object.label === label)
    const [{ colour }] = members as [SceneObject]
    return {
      name: classes[label]!,
      members,
      colour: members.every((member) => member.colour === colour) ? colour : undefined,
    }
  })
  const area = ({ members }: Group): number => members.reduce((sum, member) => sum + member.area, 0)
  return groups.toSorted((a, b) => area(b) - area(a))
}

const relations = [
  { of: 'left of', inverse: 'right of', axis: 0, sign: 1 },
  { of: 'right of', inverse: 'left of', axis: 0, sign: -1 },
  { of: 'above', inverse: 'below', axis: 1, sign: 1 },
  { of: 'below', inverse: 'above', axis: 1, sign: -1 },
] as const

/**
 * The relation that is clearest: the middles of all of one group lie beyond those of the other, by a quarter of the
 * largest object or more, and farther apart than in the other direction. Undefined when they lie among each other.
 */
function relationOf(a: Group, b: Group): (typeof relations)[number] | undefined {
  let clearest: (typeof relations)[number] | undefined
  const sides = [...a.members, ...b.members].map(({ box }) => Math.max(box[2] - box[0], box[3] - box[1]))
  let widest = Math.max(...sides) / 4
  for (const relation of relations) {
    const { axis, sign } = relation
    const centre = ({ box }: SceneObject): number => (sign * (box[axis] + box[axis + 2]!)) / 2
    const gap = Math.min(...b.members.map(centre)) - Math.max(...a.members.map(centre))
    if (gap > widest) [clearest, widest] = [relation, gap]
  }
  return clearest
}

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

function phrase({ name, members, colour }: Group): string {
  const count = members.length
  const things = `${colour === undefined ? '' : `${colour} `}${count === 1 ? name : plural(name)}`
  if (count === 1) return `${/^[aeiou]/i.test(things) ? 'an' : 'a'} ${things}`
  return `${numbers[count] ?? count} ${things}`
}

function plural(name: string): string {
  if (/(s|x|z|ch|sh)$/.test(name)) return `${name}es`
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`
}

const isAre = ({ members }: Group): string => (members.length === 1 ? 'is' : 'are')

/** 'a, b and c' */
function list(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
