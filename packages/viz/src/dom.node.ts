import { parseHTML } from 'linkedom'

/** A document to draw in, where there is no page. */
export function createDocument(): Document {
  return parseHTML('<!doctype html><html></html>').document
}
