/** What a title takes of the height. */
export const TITLE_HEIGHT = 28

/** An empty SVG element that other charts are put into. */
export function createSVG(document: Document, width: number, height: number, title?: string): Element {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('width', String(width))
  svg.setAttribute('height', String(height))
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  svg.setAttribute('font-family', 'system-ui, sans-serif')
  svg.setAttribute('style', 'max-width: 100%; height: auto')
  if (title !== undefined) {
    const text = document.createElementNS('http://www.w3.org/2000/svg', 'text')
    text.setAttribute('x', '12')
    text.setAttribute('y', '18')
    text.setAttribute('font-size', '14')
    text.setAttribute('font-weight', '600')
    text.setAttribute('fill', 'currentColor')
    text.textContent = title
    svg.append(text)
  }
  return svg
}

/** An element of an SVG picture. */
export function createElement(
  document: Document,
  name: string,
  attributes: Readonly<Record<string, string | number>>,
): Element {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  return element
}
