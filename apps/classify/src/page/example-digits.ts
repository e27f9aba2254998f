import type { Point, Stroke } from './drawing-pad.ts'

/** An arc of an ellipse, in degrees; 0 is to the right, 90 below. */
function arc([x, y]: Point, [rx, ry]: Point, from: number, to: number): Stroke {
  const count = Math.max(2, Math.ceil(Math.abs(to - from) / 10))
  return Array.from({ length: count + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / count) * Math.PI) / 180
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)] as const
  })
}

/** The ten digits as somebody might draw them. */
export const exampleDigits: readonly (readonly Stroke[])[] = [
  [arc([0.5, 0.5], [0.22, 0.34], -90, 270)],
  [
    [
      [0.43, 0.25],
      [0.54, 0.15],
      [0.5, 0.85],
    ],
  ],
  [[...arc([0.49, 0.35], [0.2, 0.19], 190, 390), [0.5, 0.66], [0.3, 0.83], [0.74, 0.82]]],
  [[...arc([0.47, 0.32], [0.2, 0.17], 200, 440), ...arc([0.48, 0.67], [0.23, 0.18], 270, 510)]],
  [
    [
      [0.46, 0.15],
      [0.26, 0.58],
      [0.78, 0.56],
    ],
    [
      [0.62, 0.34],
      [0.58, 0.88],
    ],
  ],
  [[[0.72, 0.17], [0.38, 0.18], [0.33, 0.48], ...arc([0.48, 0.63], [0.22, 0.2], 240, 500)]],
  [[[0.62, 0.14], [0.42, 0.34], [0.31, 0.58], ...arc([0.5, 0.67], [0.2, 0.18], 180, -180)]],
  [
    [
      [0.26, 0.2],
      [0.74, 0.19],
      [0.6, 0.46],
      [0.45, 0.86],
    ],
  ],
  [[...arc([0.5, 0.32], [0.17, 0.16], 90, -270), ...arc([0.5, 0.67], [0.2, 0.19], -90, 270)]],
  [[...arc([0.47, 0.35], [0.19, 0.18], 0, -350), [0.66, 0.36], [0.63, 0.6], [0.55, 0.87]]],
]
