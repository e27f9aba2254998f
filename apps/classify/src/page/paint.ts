import type { Painting, Sight } from './protocol.ts'

/** Puts a painting on a canvas, which takes its size. */
export function paint(canvas: HTMLCanvasElement, painting: Painting): void {
  const { width, height } = painting
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  canvas.getContext('2d')!.putImageData(imageDataOf(painting), 0, 0)
}

/** Lays a painting with transparency over what is on a canvas. */
export function paintOver(canvas: HTMLCanvasElement, painting: Painting): void {
  const context = canvas.getContext('2d')!
  context.drawImage(canvasOf(painting), 0, 0, canvas.width, canvas.height)
}

/** Lays the heat of a sight where it belongs in its picture, which is shown whole in the middle of a square. */
export function paintHeatOver(canvas: HTMLCanvasElement, { heat, frame, picture }: Sight): void {
  const context = canvas.getContext('2d')!
  context.clearRect(0, 0, canvas.width, canvas.height)
  const scale = canvas.width / Math.max(picture.width, picture.height)
  const [left, top] = [picture.width, picture.height].map((side) => (canvas.width - side * scale) / 2)
  context.imageSmoothingQuality = 'high'
  context.drawImage(
    canvasOf(heat),
    left! + frame.left * scale,
    top! + frame.top * scale,
    frame.width * scale,
    frame.height * scale,
  )
}

function canvasOf(painting: Painting): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  paint(canvas, painting)
  return canvas
}

function imageDataOf({ rgba, width, height }: Painting): ImageData {
  return new ImageData(new Uint8ClampedArray(rgba), width, height)
}
