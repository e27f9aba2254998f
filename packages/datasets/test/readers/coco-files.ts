import { type Files, jpeg } from './files.ts'

type Fields = Readonly<Record<string, unknown>>

/** A file of annotations; the fields that are given are those of its one object, or of the file. */
export function cocoJSON(object: Fields = {}, file: Fields = {}): string {
  return JSON.stringify({
    images: [
      { id: 9, file_name: '000009.jpg', width: 8, height: 6 },
      { id: 3, file_name: '000003.jpg', width: 8, height: 6 },
    ],
    annotations: [{ id: 5, image_id: 9, category_id: 18, bbox: [1, 2, 4, 3], ...object }],
    categories: [
      { id: 18, name: 'dog' },
      { id: 1, name: 'person' },
    ],
    ...file,
  })
}

export async function cocoFiles(json = cocoJSON(), kind = 'instances'): Promise<Files> {
  const image = await jpeg(8, 6)
  return {
    [`annotations/${kind}_val2017.json`]: json,
    'val2017/000009.jpg': image,
    'val2017/000003.jpg': image,
  }
}
