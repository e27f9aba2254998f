/** The document of the page. */
export function createDocument(): Document {
  return globalThis.document
}
