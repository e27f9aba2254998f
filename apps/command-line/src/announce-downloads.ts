import type { DownloadProgress } from '@badak/datasets'

/** Says once of each file that it is being fetched. */
export function announceDownloads(announce: (line: string) => void): (progress: DownloadProgress) => void {
  let announced = ''
  return ({ file, total }) => {
    if (announced === file) return
    announced = file
    announce(`downloading ${file}${total === undefined ? '' : `, ${(total / 1e6).toFixed(1)} MB`}`)
  }
}
