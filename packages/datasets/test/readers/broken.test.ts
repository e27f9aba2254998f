import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  camvid,
  cocoCaptions,
  cocoDetection,
  cocoKeypoints,
  flickr8k,
  oxfordPet,
  pennFudan,
  vocClassification,
  vocDetection,
  vocSegmentation,
} from '../../src/index.ts'
import { cocoFiles, cocoJSON } from './coco-files.ts'
import { failure, type Files, jpeg, labelPNG, png, workplace } from './files.ts'
import { colorPNG, flickrFiles, pennFudanFiles, petFiles } from './street-files.ts'
import { vocFiles, vocObject, vocXML } from './voc-files.ts'

const { place } = workplace()

/** What goes wrong with the files, and the message: `DIR` stands for their directory. */
type Case = readonly [
  what: string,
  change: Files,
  read: (directory: string) => Promise<unknown>,
  message: string,
]

/** The message of the error. */
async function refusal(name: string, files: Files, [, change, read, message]: Case): Promise<string> {
  const directory = await place(`${name}-${crc32(message)}`, { ...files, ...change })
  const error = await failure(() => read(directory))
  const known = ['FormatError', 'DataNotFoundError', 'ValueError'].includes(error.name)
  return known ? error.message.replaceAll(directory, 'DIR') : `${error.name}: ${error.message}`
}

const detect = async (directory: string): Promise<unknown> =>
  (await vocDetection(2012, 'train', { directory })).get(0)
const segment = async (directory: string): Promise<unknown> =>
  (await vocSegmentation(2012, 'train', { directory, instances: true })).get(0)
const inVOC = (objects: string): Files => ({ 'Annotations/a.xml': vocXML(objects) })
const rows = (width: number, height: number, label: number): number[][] =>
  Array.from({ length: height }, () => Array.from({ length: width }, () => label))

describe('Pascal VOC', async () => {
  const cut = (await jpeg(8, 6)).subarray(0, -20)
  test.each<Case>([
    [
      'a picture that is cut off',
      { 'JPEGImages/a.jpg': cut },
      detect,
      'loadImage: DIR/JPEGImages/a.jpg: Premature end of JPEG file',
    ],
    [
      'a picture of another kind',
      { 'JPEGImages/a.jpg': 'GIF89a' },
      detect,
      'loadImage: DIR/JPEGImages/a.jpg: neither JPEG, PNG nor WebP: it starts with 47 49 46 38',
    ],
    [
      'an empty picture',
      { 'JPEGImages/a.jpg': '' },
      detect,
      'loadImage: DIR/JPEGImages/a.jpg: the file is empty',
    ],
    [
      'a picture of another size',
      { 'JPEGImages/a.jpg': await jpeg(9, 6) },
      detect,
      'vocDetection: DIR/Annotations/a.xml: it is for an image of 8x6, the image is 9x6',
    ],
    [
      'a picture that is too large',
      {},
      async (directory) => (await vocDetection(2012, 'train', { directory, maxPixels: 47 })).get(0),
      'loadImage: DIR/JPEGImages/a.jpg: 8x6 pixels are more than maxPixels, 47',
    ],
    [
      'a list that leaves the directory',
      { 'ImageSets/Main/train.txt': 'a\n../../secret\n' },
      detect,
      'vocDetection: DIR/ImageSets/Main/train.txt: line 2: not the name of an image: "../../secret"',
    ],
    [
      'a list with an image twice',
      { 'ImageSets/Main/train.txt': 'a\nb\na\n' },
      detect,
      'vocDetection: DIR/ImageSets/Main/train.txt: line 3: a is in it twice',
    ],
    [
      'an empty list',
      { 'ImageSets/Main/train.txt': '\n' },
      detect,
      'vocDetection: DIR/ImageSets/Main/train.txt: there are no images in it',
    ],
    [
      'a list that is no text',
      { 'ImageSets/Main/train.txt': Uint8Array.of(0xff, 0xff) },
      detect,
      'vocDetection: DIR/ImageSets/Main/train.txt: not text in UTF-8',
    ],
    [
      'an annotation that is not there',
      { 'ImageSets/Main/train.txt': 'c\n' },
      detect,
      'vocDetection: DIR/Annotations/c.xml: no such file or directory',
    ],
    [
      'a picture that is not there',
      { 'ImageSets/Main/train.txt': 'c\n', 'Annotations/c.xml': vocXML('') },
      detect,
      'loadImage: DIR/JPEGImages/c.jpg: no such file or directory',
    ],
    [
      'an annotation that is cut off',
      { 'Annotations/a.xml': vocXML(vocObject()).slice(0, -20) },
      detect,
      `vocDetection: DIR/Annotations/a.xml: no XML: Closing tag 'ob' doesn't have proper closing. (line 4)`,
    ],
    [
      'entities that multiply',
      { 'Annotations/a.xml': `<!DOCTYPE a [<!ENTITY b "bb">]>${vocXML('')}` },
      detect,
      'vocDetection: DIR/Annotations/a.xml: a document type is not read',
    ],
    [
      'an annotation of something else',
      { 'Annotations/a.xml': '<html></html>' },
      detect,
      'vocDetection: DIR/Annotations/a.xml: there is no <annotation> in it',
    ],
    [
      'an annotation that is too long',
      { 'Annotations/a.xml': ' '.repeat(2 ** 20 + 1) },
      detect,
      'vocDetection: DIR/Annotations/a.xml: 1048577 characters; at most 1048576 are read',
    ],
    [
      'no size',
      { 'Annotations/a.xml': '<annotation><a>1</a></annotation>' },
      detect,
      'vocDetection: DIR/Annotations/a.xml: there is no <width>',
    ],
    [
      'an unknown class',
      inVOC(vocObject({ name: 'unicorn' })),
      detect,
      'vocDetection: DIR/Annotations/a.xml: object 0: unknown class: "unicorn"',
    ],
    [
      'a box outside',
      inVOC(vocObject({ box: [2, 2, 60, 4] })),
      detect,
      'vocDetection: DIR/Annotations/a.xml: object 0 (dog): the box is outside the image, 8x6: [1, 1, 60, 4]',
    ],
    [
      'an empty box',
      inVOC(vocObject({ box: [5, 2, 4, 4] })),
      detect,
      'vocDetection: DIR/Annotations/a.xml: object 0 (dog): the box is empty: [4, 1, 4, 4]',
    ],
    [
      'a side that is no number',
      inVOC(vocObject({ box: [5, 'two', 4, 4] })),
      detect,
      'vocDetection: DIR/Annotations/a.xml: object 0: <ymin> is a number: "two"',
    ],
    [
      'a flag that is none',
      inVOC(vocObject({ more: '<difficult>maybe</difficult>' })),
      detect,
      'vocDetection: DIR/Annotations/a.xml: object 0: <difficult> is 0 or 1: maybe',
    ],
    [
      'a mask of another size',
      { 'SegmentationClass/a.png': labelPNG(rows(6, 8, 0)) },
      segment,
      'vocSegmentation: DIR/SegmentationClass/a.png: the mask is 6x8, its image 8x6',
    ],
    [
      'a mask in colours',
      { 'SegmentationClass/a.png': await png(8, 6) },
      segment,
      'loadLabelMap: DIR/SegmentationClass/a.png: a label map has grey values or indices of at most 8 bits: colour type 2, 8 bits',
    ],
    [
      'a mask that is no PNG',
      { 'SegmentationClass/a.png': await jpeg(8, 6) },
      segment,
      'loadLabelMap: DIR/SegmentationClass/a.png: not a PNG file, which a label map is',
    ],
    [
      'a mask whose header lies',
      { 'SegmentationClass/a.png': labelPNG(rows(8, 6, 0), { claims: [20_000, 30_000] }) },
      segment,
      'loadLabelMap: DIR/SegmentationClass/a.png: 12 bytes are too few for 20000x30000 pixels',
    ],
    [
      'an unknown label in a mask',
      { 'SegmentationClass/a.png': labelPNG(rows(8, 6, 21)) },
      segment,
      'vocSegmentation: DIR/SegmentationClass/a.png: a label is from 0 to 20, or 255: 21 (at 0,0)',
    ],
    [
      'an object without a class',
      { 'SegmentationClass/a.png': labelPNG(rows(8, 6, 0)) },
      segment,
      'vocSegmentation: DIR/SegmentationObject/a.png: object 1 lies where the mask has no class',
    ],
    [
      'a class list of other values',
      { 'ImageSets/Main/cat_train.txt': 'a 2\n' },
      async (directory) => vocClassification(2012, 'train', { directory }),
      'vocClassification: DIR/ImageSets/Main/cat_train.txt: line 1: expected a name and 1, 0 or -1: "a 2"',
    ],
    [
      'a class list that lacks an image',
      { 'ImageSets/Main/cat_train.txt': 'a 1\n' },
      async (directory) => vocClassification(2012, 'train', { directory }),
      'vocClassification: DIR/ImageSets/Main/cat_train.txt: it does not have b',
    ],
  ])('%s', async (...row) => {
    expect(await refusal('voc', await vocFiles(), row)).toBe(row[3])
  })
})

describe('COCO', async () => {
  const file = 'DIR/annotations/instances_val2017.json'
  const read = async (directory: string): Promise<unknown> =>
    (await cocoDetection('val2017', { directory, masks: true })).get(0)
  const json = (text: string): Files => ({ 'annotations/instances_val2017.json': text })
  const object = (fields: Readonly<Record<string, unknown>>): Files => json(cocoJSON(fields))
  const image = (fields: Readonly<Record<string, unknown>>): Files =>
    json(cocoJSON({}, { images: [{ id: 9, file_name: 'a.jpg', width: 8, height: 6, ...fields }] }))
  test.each<Case>([
    [
      'an annotation file that is cut off',
      json('{"images": ['),
      read,
      `cocoDetection: ${file}: no JSON: Unexpected end of JSON input`,
    ],
    [
      'a list in its place',
      json('[]'),
      read,
      `cocoDetection: ${file}: an annotation file is an object with images and annotations`,
    ],
    ['no images', json('{}'), read, `cocoDetection: ${file}: there is no list of images`],
    [
      'an image twice',
      json(cocoJSON({}, { images: [{ id: 9, file_name: 'a', width: 1, height: 1 }, { id: 9 }] })),
      read,
      `cocoDetection: ${file}: image 9 is in it twice`,
    ],
    [
      'an image without id',
      image({ id: '9' }),
      read,
      `cocoDetection: ${file}: image at 0: its id is no integer: "9"`,
    ],
    [
      'an image elsewhere',
      image({ file_name: '../../etc/passwd' }),
      read,
      `cocoDetection: ${file}: image 9: not the name of a file in the folder of images: "../../etc/passwd"`,
    ],
    [
      'an image without size',
      image({ width: 0 }),
      read,
      `cocoDetection: ${file}: image 9: width and height are counts of pixels: 0 and 6`,
    ],
    [
      'an image of another size',
      image({ file_name: '000009.jpg', width: 9 }),
      async (directory) => (await cocoDetection('val2017', { directory })).get(0),
      'cocoDetection: DIR/val2017/000009.jpg: the annotations are for an image of 9x6, the image is 8x6',
    ],
    [
      'an object of no image',
      object({ image_id: 77 }),
      read,
      `cocoDetection: ${file}: annotation 5: there is no image 77`,
    ],
    [
      'an unknown category',
      object({ category_id: 2 }),
      read,
      `cocoDetection: ${file}: annotation 5: unknown category: 2`,
    ],
    [
      'a box outside',
      object({ bbox: [5, 2, 5, 3] }),
      read,
      `cocoDetection: ${file}: annotation 5: the box is outside the image, 8x6: [5, 2, 10, 5]`,
    ],
    [
      'a box of three numbers',
      object({ bbox: [5, 2, 5] }),
      read,
      `cocoDetection: ${file}: annotation 5: a box is four numbers: [5,2,5]`,
    ],
    [
      'a crowd that is none',
      object({ iscrowd: 2 }),
      read,
      `cocoDetection: ${file}: annotation 5: iscrowd is 0 or 1: 2`,
    ],
    [
      'an object without a mask',
      object({}),
      read,
      `cocoDetection: ${file}: annotation 5: a segmentation is polygons, or size and counts: none`,
    ],
    [
      'a mask of another size',
      object({ segmentation: { size: [8, 6], counts: [48] } }),
      read,
      `cocoDetection: ${file}: annotation 5: its mask is 6x8, its image 8x6`,
    ],
    [
      'runs that lie',
      object({ segmentation: { size: [6, 8], counts: [40] } }),
      read,
      `cocoDetection: ${file}: annotation 5: the runs have 40 pixels, a mask of 6x8 has 48`,
    ],
    [
      'points that are too few',
      {
        'annotations/person_keypoints_val2017.json': cocoJSON(
          { category_id: 1, keypoints: [1, 2] },
          { categories: [{ id: 1, name: 'person', keypoints: ['nose'] }] },
        ),
      },
      async (directory) => (await cocoKeypoints('val2017', { directory })).get(0),
      'cocoKeypoints: DIR/annotations/person_keypoints_val2017.json: annotation 5: keypoints are x, y and visibility of 1 points: [1,2]',
    ],
    [
      'an empty caption',
      { 'annotations/captions_val2017.json': cocoJSON({ caption: ' ' }) },
      async (directory) => cocoCaptions('val2017', { directory }),
      'cocoCaptions: DIR/annotations/captions_val2017.json: annotation 5: there is no caption: " "',
    ],
  ])('%s', async (...row) => {
    expect(await refusal('coco', await cocoFiles(), row)).toBe(row[3])
  })
})

describe('the others', async () => {
  const pets = async (directory: string): Promise<unknown> =>
    (await oxfordPet('trainval', { directory })).get(0)
  const people = async (directory: string): Promise<unknown> => (await pennFudan({ directory })).get(0)
  const street = async (directory: string): Promise<unknown> => (await camvid('train', { directory })).get(0)
  const captions = async (directory: string): Promise<unknown> => flickr8k('train', { directory })
  const list = (text: string): Files => ({ 'annotations/trainval.txt': text })
  const frames = {
    'train/a.png': await png(2, 1),
    'train_labels/a_L.png': await colorPNG([0, 0, 0], [1, 2, 3]),
  }
  test.each<Case>([
    [
      'an image without its mask',
      { 'PNGImages/b.png': '' },
      people,
      'pennFudan: DIR/PNGImages/b.png: there is no b_mask.png in PedMasks',
    ],
    [
      'a mask without its image',
      { 'PedMasks/c_mask.png': '' },
      people,
      'pennFudan: DIR/PedMasks/c_mask.png: its image is not in PNGImages',
    ],
    [
      'half a line of a list',
      list('Abyssinian_1 1 1\n'),
      pets,
      'oxfordPet: DIR/annotations/trainval.txt: line 1: expected a name, breed, species and breed: "Abyssinian_1 1 1"',
    ],
    [
      'neither cat nor dog',
      list('Abyssinian_1 1 3 1\n'),
      pets,
      'oxfordPet: DIR/annotations/trainval.txt: line 1: a species is 1 (cat) or 2 (dog): 3',
    ],
    [
      'a breed of two names',
      list('Abyssinian_1 1 1 1\nBengal_1 1 1 1\n'),
      pets,
      'oxfordPet: DIR/annotations/trainval.txt: line 2: breed 1 is Abyssinian, not Bengal',
    ],
    [
      'another value in a trimap',
      { 'annotations/trimaps/Abyssinian_1.png': labelPNG([[1, 2, 4]]) },
      pets,
      'oxfordPet: DIR/annotations/trimaps/Abyssinian_1.png: a label is from 0 to 3: 4 (at 2,0)',
    ],
    [
      'a colour of no class',
      frames,
      street,
      'camvid: DIR/train_labels/a_L.png: no class has the colour 1,2,3 (at 1,0)',
    ],
    [
      'captions of another form',
      { 'Flickr8k.token.txt': 'a.jpg A dog.\n' },
      captions,
      'flickr8k: DIR/Flickr8k.token.txt: line 1: expected a name, # and a number, a tab, a caption: "a.jpg A dog."',
    ],
    [
      'an image without captions',
      { 'Flickr_8k.trainImages.txt': 'c.jpg\n' },
      captions,
      'flickr8k: DIR/Flickr_8k.trainImages.txt: line 1: there are no captions for "c.jpg"',
    ],
  ])('%s', async (...row) => {
    const files = { ...(await pennFudanFiles()), ...(await petFiles()), ...(await flickrFiles()) }
    expect(await refusal('other', files, row)).toBe(row[3])
  })
})

test('files that change after they were found', async () => {
  const directory = await place('changing', await cocoFiles())
  const val = await cocoDetection('val2017', { directory })
  const path = join(directory, 'val2017/000009.jpg')
  await writeFile(path, await jpeg(4, 4))
  expect((await failure(() => val.get(0))).message).toBe(
    `cocoDetection: ${path}: the annotations are for an image of 8x6, the image is 4x4`,
  )
  await rm(path)
  expect((await failure(() => val.get(0))).message).toBe(`loadImage: ${path}: no such file or directory`)
  await mkdir(path)
  expect((await failure(() => val.get(0))).message).toBe(`loadImage: ${path}: not a file`)
  await rm(path, { recursive: true })
  await symlink(path, path)
  expect((await failure(() => val.get(0))).message).toBe(
    `loadImage: ${path}: too many symbolic links encountered`,
  )
})
