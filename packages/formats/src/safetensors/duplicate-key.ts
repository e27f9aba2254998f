/**
 * The first key that an object of valid JSON has twice, with where it stands, or undefined.
 *
 * `JSON.parse` keeps the last of equal keys silently; two readers that keep different ones would read
 * different tensors.
 */
export function findDuplicateKey(json: string): { readonly key: string; readonly index: number } | undefined {
  const open: Set<string>[] = []
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g
  for (const token of json.matchAll(tokens)) {
    if (token[0] === '{') open.push(new Set())
    else if (token[0] === '}') open.pop()
    else if (token[1] !== undefined) {
      const key = JSON.parse(token[0].slice(0, -token[1].length)) as string
      const keys = open.at(-1)
      if (keys?.has(key)) return { key, index: token.index }
      keys?.add(key)
    }
  }
  return undefined
}
