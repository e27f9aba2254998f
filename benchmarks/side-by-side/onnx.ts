/** An attribute of a node: a whole number, a number, or several whole numbers. */
type Attribute = { int: number } | { float: number } | { ints: readonly number[] }

interface OnnxNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes?: Readonly<Record<string, Attribute>>
}

interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly weights?: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
  >
  readonly output: string
}

/**
 * A float32 model in the ONNX format: just enough protocol buffer for graphs of a few nodes.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function onnxModel({ nodes, inputs, weights = {}, output }: OnnxGraph): Uint8Array {
  const graph = [
    ...nodes.map((node) => bytes(1, writeNode(node))),
    text(2, 'benchmark'),
    ...Object.entries(weights).map(([name, { shape, data }]) =>
      bytes(5, join(...shape.map((size) => int(1, size)), int(2, FLOAT), text(8, name), bytes(9, raw(data)))),
    ),
    ...Object.entries(inputs).map(([name, shape]) => bytes(11, valueInfo(name, shape))),
    bytes(12, valueInfo(output)),
  ]
  const opset = join(text(1, ''), int(2, 17))
  return join(int(1, 8), bytes(7, join(...graph)), bytes(8, opset))
}

const FLOAT = 1

function writeNode({ op, inputs, output, attributes = {} }: OnnxNode): Uint8Array {
  return join(
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(4, op),
    ...Object.entries(attributes).map(([name, attribute]) => bytes(5, writeAttribute(name, attribute))),
  )
}

function writeAttribute(name: string, attribute: Attribute): Uint8Array {
  if ('int' in attribute) return join(text(1, name), int(3, attribute.int), int(20, 2))
  if ('ints' in attribute)
    return join(text(1, name), ...attribute.ints.map((value) => int(8, value)), int(20, 7))
  return join(text(1, name), float(2, attribute.float), int(20, 1))
}

function valueInfo(name: string, shape?: readonly number[]): Uint8Array {
  const dimensions = shape && bytes(2, join(...shape.map((size) => bytes(1, int(1, size)))))
  return join(text(1, name), bytes(2, bytes(1, join(int(1, FLOAT), dimensions ?? new Uint8Array()))))
}

/** Least significant seven bits first. Negative numbers do not occur. */
function varint(value: number): number[] {
  const result: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...result, rest]
    result.push((rest % 128) | 128)
  }
}

const int = (field: number, value: number): Uint8Array =>
  Uint8Array.of(...varint(field << 3), ...varint(value))
const text = (field: number, value: string): Uint8Array => bytes(field, new TextEncoder().encode(value))
const bytes = (field: number, value: Uint8Array): Uint8Array =>
  join(Uint8Array.of(...varint((field << 3) | 2), ...varint(value.length)), value)
const float = (field: number, value: number): Uint8Array =>
  join(Uint8Array.of(...varint((field << 3) | 5)), raw(Float32Array.of(value)))
const raw = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
