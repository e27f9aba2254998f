import { type Files, jpeg, labelPNG } from './files.ts'

interface VocBox {
  readonly name?: string
  readonly box?: readonly (number | string)[]
  readonly more?: string
}

export const vocObject = ({ name = 'dog', box = [2, 3, 5, 6], more = '' }: VocBox = {}): string =>
  `<object><name>${name}</name><pose>Left</pose>${more}<bndbox>${['xmin', 'ymin', 'xmax', 'ymax']
    .map((tag, i) => `<${tag}>${box[i]}</${tag}>`)
    .join('')}</bndbox></object>`

export const vocXML = (objects: string, [width, height] = [8, 6]): string =>
  `<annotation>
	<filename>a.jpg</filename>
	<size><width>${width}</width><height>${height}</height><depth>3</depth></size>
	${objects}
</annotation>
`

const columns = (split: string, seen: Readonly<Record<string, string>>): Files =>
  Object.fromEntries(
    // The classes of the challenge, by hand.
    (
      'aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person ' +
      'pottedplant sheep sofa train tvmonitor'
    )
      .split(' ')
      .map((name) => [`ImageSets/Main/${name}_${split}.txt`, seen[name] ?? 'a -1\nb -1\n']),
  )

/** Two images, as the development kit lays them out. */
export async function vocFiles(): Promise<Files> {
  const mask = [
    [0, 0, 255, 255, 255, 255, 0, 0],
    [0, 0, 255, 12, 12, 255, 0, 0],
    [0, 0, 255, 12, 12, 255, 15, 15],
    [0, 0, 255, 12, 12, 255, 15, 15],
    [0, 0, 255, 255, 255, 255, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0],
  ]
  const objects = mask.map((row) => row.map((label) => ({ 12: 2, 15: 1 })[label] ?? label))
  const image = await jpeg(8, 6)
  const first = vocObject({ more: '<truncated>1</truncated><difficult>0</difficult>' })
  const part = '<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>'
  const second = vocObject({ name: 'person', box: [1, 1, 8, '6.0'], more: `<difficult>1</difficult>${part}` })
  return {
    'ImageSets/Main/train.txt': 'a\nb\n',
    'ImageSets/Segmentation/train.txt': 'a\n',
    ...columns('train', { dog: 'a  1\nb -1\n', person: 'a  0\nb  1\n' }),
    'Annotations/a.xml': vocXML(first + second),
    'Annotations/b.xml': vocXML(''),
    'JPEGImages/a.jpg': image,
    'JPEGImages/b.jpg': image,
    'SegmentationClass/a.png': labelPNG(mask),
    'SegmentationObject/a.png': labelPNG(objects),
  }
}
