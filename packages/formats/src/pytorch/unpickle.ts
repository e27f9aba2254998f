import { isTensor } from '@badak/tensor'
import type { Place } from '../place.ts'
import { Global, isKnownGlobal, type Item, type PyTorchValue, Storage } from './globals.ts'
import { PickleReader } from './pickle-reader.ts'

/** What the unpickler asks for; it has no powers of its own. */
export interface Constructors {
  /** The data behind a persistent id. */
  storage(id: Item, refuse: (what: string) => never): Storage
  /** What a call of a known global gives. */
  call(name: string, parameters: readonly Item[], refuse: (what: string) => never): Item
}

/** Marks the begin of a list of items on the stack. */
const MARK = Symbol('mark')

/** Dicts and lists that hold one another more often than this. */
const MAX_DEPTH = 100

/** The opcodes of protocols 2 to 5 that `torch.save` writes. */
type Action = (pickle: Unpickler) => void

/**
 * Reads a pickle as far as checkpoints need it. It is a stack machine that makes data and nothing else: of
 * globals it knows those of `globals.ts`, which it hands to `constructors`, and refuses the rest by name.
 *
 * @returns the value, and where the pickle that begins at `begin` ends
 * @see Lib/pickletools.py of CPython, which describes the opcodes
 */
export function unpickle(bytes: Uint8Array, place: Place, constructors: Constructors, begin = 0): Unpickled {
  const reader = new PickleReader(bytes, place, begin)
  const value = new Unpickler(reader, constructors).run()
  return { value, end: reader.position }
}

interface Unpickled {
  readonly value: PyTorchValue
  readonly end: number
}

class Unpickler {
  readonly reader: PickleReader
  readonly constructors: Constructors
  readonly refuse: (what: string) => never
  private readonly stack: (Item | typeof MARK)[] = []
  private readonly memo = new Map<number, Item>()
  private readonly tuples = new WeakMap<object, Tuple>()

  constructor(reader: PickleReader, constructors: Constructors) {
    this.reader = reader
    this.constructors = constructors
    this.refuse = (what) => reader.refuse(what)
  }

  run(): PyTorchValue {
    for (let opcode = this.reader.opcode(); opcode !== STOP; opcode = this.reader.opcode()) {
      const action = actions.get(opcode)
      if (action === undefined) this.refuse(`opcode 0x${opcode.toString(16).padStart(2, '0')} is not read`)
      else action(this)
    }
    const value = this.pop()
    if (this.stack.length > 0) this.refuse(`${this.stack.length} items are left on the stack`)
    const result = this.checkValue(value)
    this.checkDepth(result)
    return result
  }

  push(item: Item | typeof MARK): void {
    this.stack.push(item)
  }

  pop(): Item {
    const item = this.stack.pop()
    if (item === undefined || item === MARK) return this.refuse('nothing is on the stack')
    return item
  }

  popToMark(): Item[] {
    const begin = this.stack.lastIndexOf(MARK)
    if (begin < 0) this.refuse('no mark is on the stack')
    return this.stack.splice(begin).slice(1) as Item[]
  }

  tuple(items: Item[]): void {
    const inner = items.map((item) => (Array.isArray(item) ? this.tuples.get(item) : undefined))
    const depth = 1 + inner.reduce((most, tuple) => Math.max(most, tuple?.depth ?? 0), 0)
    if (depth > MAX_DEPTH) this.refuse(`nested deeper than ${MAX_DEPTH}`)
    const pure = items.every((item, i) => isValue(item) && inner[i]?.pure !== false)
    this.tuples.set(items, { depth, pure })
    this.push(items as PyTorchValue[])
  }

  top(): Item {
    const item = this.stack.at(-1)
    return item === undefined || item === MARK ? this.refuse('nothing is on the stack') : item
  }

  memoize(index = this.memo.size): void {
    this.memo.set(index, this.top())
  }

  recall(index: number): void {
    const item = this.memo.get(index)
    if (item === undefined) this.refuse(`nothing is remembered under ${index}`)
    else this.push(item)
  }

  global(module: string, name: string): void {
    const full = `${module}.${name}`
    if (!isKnownGlobal(full))
      this.refuse(`the global ${full} is refused: tensors, containers and plain values are read`)
    this.push(new Global(full))
  }

  reduce(): void {
    const parameters = this.pop()
    const callee = this.pop()
    if (!Array.isArray(parameters) || !this.tuples.has(parameters))
      return this.refuse('the arguments of a call are not a tuple')
    if (!(callee instanceof Global)) return this.refuse('what is called is not a global')
    const result = this.constructors.call(callee.name, parameters, this.refuse)
    if (result instanceof Set) result.forEach((item) => this.checkValue(item))
    this.push(result)
  }

  append(items: readonly Item[]): void {
    const list = this.top()
    if (!Array.isArray(list) || this.tuples.has(list))
      return this.refuse('items are appended to what is no list')
    for (const item of items) list.push(this.checkValue(item))
  }

  addItems(items: readonly Item[]): void {
    const set = this.top()
    if (!(set instanceof Set)) return this.refuse('items are added to what is no set')
    for (const item of items) set.add(this.checkValue(item))
  }

  setItems(items: readonly Item[]): void {
    const dict = this.top()
    if (!isDict(dict)) return this.refuse('items are set in what is no dict')
    if (items.length % 2 === 1) this.refuse('a key without a value')
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!
      if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'bigint')
        return this.refuse('a key of a dict is neither a string nor a number')
      if (Object.hasOwn(dict, String(key))) this.refuse(`the key ${JSON.stringify(String(key))} twice`)
      dict[String(key)] = this.checkValue(items[i + 1]!)
    }
  }

  /**
   * Attributes are left out: `_metadata` of the `OrderedDict` of a state, and `(requires_grad, volatile, hooks)` of the
   * parameters of PyTorch before 0.4.
   */
  build(): void {
    const state = this.pop()
    const target = this.top()
    const ofParameter = isTensor(target) && Array.isArray(state) && typeof state[0] === 'boolean'
    if (!ofParameter && !isDict(target)) this.refuse('attributes are set on what is no OrderedDict')
  }

  /** @throws FormatError for a class, a function or a storage that is left over as data */
  private checkValue(item: Item): PyTorchValue {
    if (item instanceof Global) return this.refuse(`the global ${item.name} is used as a value`)
    if (item instanceof Storage) return this.refuse('a storage is used as a value; tensors are read')
    if (Array.isArray(item) && this.tuples.get(item)?.pure === false)
      return this.refuse('a tuple of classes or storages is used as a value')
    return item
  }

  /** What reads the result may walk it recursively: it is no deeper than that, and holds no circle. */
  private checkDepth(root: PyTorchValue): void {
    const heights = new Map<object, number>()
    const visit = (value: PyTorchValue, depth: number): number => {
      const inner = contents(value)
      if (inner === undefined) return 0
      const known = heights.get(value as object)
      if (known === Infinity) this.refuse('something holds itself')
      if (depth + (known ?? 0) > MAX_DEPTH) this.refuse(`nested deeper than ${MAX_DEPTH}`)
      if (known !== undefined) return known
      heights.set(value as object, Infinity)
      let height = 0
      for (const item of inner) height = Math.max(height, 1 + visit(item, depth + 1))
      heights.set(value as object, height)
      return height
    }
    visit(root, 0)
  }
}

/** What has to be known of a tuple when it is used: they cannot change. */
interface Tuple {
  /** Of tuples in tuples. */
  readonly depth: number
  /** Without classes and storages, which travel in the names of storages and in the arguments of calls. */
  readonly pure: boolean
}

function isValue(item: Item): item is PyTorchValue {
  return !(item instanceof Global) && !(item instanceof Storage)
}

/** The values that a container holds, or undefined for what is none. */
function contents(value: PyTorchValue): Iterable<PyTorchValue> | undefined {
  if (Array.isArray(value) || value instanceof Set) return value
  return isDict(value) ? Object.values(value) : undefined
}

/** Whether this is a dict: the objects of this module have no prototype, all others do. */
export function isDict(value: Item): value is { [key: string]: PyTorchValue } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
}

/** An empty one. */
export function newDict(): { [key: string]: PyTorchValue } {
  return Object.create(null) as { [key: string]: PyTorchValue }
}

const STOP = 0x2e

function popText(p: Unpickler): string {
  const text = p.pop()
  return typeof text === 'string' ? text : p.refuse('the name of a global is not a string')
}

function tupleOf(count: number): Action {
  return (p) => {
    const items = Array.from({ length: count }, () => p.pop())
    p.tuple(items.reverse())
  }
}

const actions: ReadonlyMap<number, Action> = new Map<number, Action>([
  [0x80, (p) => checkProtocol(p)],
  [0x95, (p) => void p.reader.uint64()],
  [0x28, (p) => p.push(MARK)],
  [0x30, (p) => void p.pop()],
  [0x31, (p) => void p.popToMark()],
  [0x4e, (p) => p.push(null)],
  [0x88, (p) => p.push(true)],
  [0x89, (p) => p.push(false)],
  [0x4a, (p) => p.push(p.reader.int32())],
  [0x4b, (p) => p.push(p.reader.uint8())],
  [0x4d, (p) => p.push(p.reader.uint16())],
  [0x8a, (p) => p.push(p.reader.long(p.reader.uint8()))],
  [0x8b, (p) => p.push(p.reader.long(p.reader.uint32()))],
  [0x47, (p) => p.push(p.reader.float64())],
  [0x58, (p) => p.push(p.reader.text(p.reader.uint32()))],
  // Strings of Python 2.
  [0x54, (p) => p.push(p.reader.text(p.reader.uint32()))],
  [0x55, (p) => p.push(p.reader.text(p.reader.uint8()))],
  [0x8c, (p) => p.push(p.reader.text(p.reader.uint8()))],
  [0x8d, (p) => p.push(p.reader.text(p.reader.uint64()))],
  [0x42, (p) => p.push(p.reader.take(p.reader.uint32()))],
  [0x43, (p) => p.push(p.reader.take(p.reader.uint8()))],
  [0x8e, (p) => p.push(p.reader.take(p.reader.uint64()))],
  [0x96, (p) => p.push(p.reader.take(p.reader.uint64()))],
  [0x29, (p) => p.tuple([])],
  [0x85, tupleOf(1)],
  [0x86, tupleOf(2)],
  [0x87, tupleOf(3)],
  [0x74, (p) => p.tuple(p.popToMark())],
  [0x5d, (p) => p.push([])],
  [0x61, (p) => p.append([p.pop()])],
  [0x65, (p) => p.append(p.popToMark())],
  [0x7d, (p) => p.push(newDict())],
  [0x73, (p) => p.setItems([p.pop(), p.pop()].reverse())],
  [0x75, (p) => p.setItems(p.popToMark())],
  [0x8f, (p) => p.push(new Set<PyTorchValue>())],
  [0x90, (p) => p.addItems(p.popToMark())],
  [0x71, (p) => p.memoize(p.reader.uint8())],
  [0x72, (p) => p.memoize(p.reader.uint32())],
  [0x94, (p) => p.memoize()],
  [0x68, (p) => p.recall(p.reader.uint8())],
  [0x6a, (p) => p.recall(p.reader.uint32())],
  [0x63, (p) => p.global(p.reader.line(), p.reader.line())],
  [0x93, (p) => p.global(...([popText(p), popText(p)].reverse() as [string, string]))],
  [0x51, (p) => p.push(p.constructors.storage(p.pop(), p.refuse))],
  [0x52, (p) => p.reduce()],
  [0x62, (p) => p.build()],
])

function checkProtocol(p: Unpickler): void {
  const protocol = p.reader.uint8()
  if (protocol < 2 || protocol > 5) p.refuse(`protocol ${protocol} is none of 2, 3, 4, 5`)
}
