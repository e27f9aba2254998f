/** Files that come to the page: chosen, dropped anywhere, or pasted. @param onFile is called with each */
export function connectFiles(input: HTMLInputElement, onFile: (file: File) => void): void {
  const take = (files: FileList | null | undefined): void => {
    const [file] = files ?? []
    if (file) onFile(file)
  }
  input.addEventListener('change', () => {
    take(input.files)
    input.value = ''
  })
  document.addEventListener('paste', (event) => take(event.clipboardData?.files))
  document.addEventListener('dragover', (event) => {
    event.preventDefault()
    document.body.classList.add('dragging')
  })
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('dragging')
  })
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    document.body.classList.remove('dragging')
    take(event.dataTransfer?.files)
  })
}

/** Pixels a side of the pad. */
const SIDE = 560

/** An image as large as the pad shows it; undefined when the browser cannot read it. It decodes off this thread. */
export async function readPreview(file: Blob): Promise<ImageBitmap | undefined> {
  const whole = await createImageBitmap(file).catch(() => undefined)
  if (!whole) return undefined
  const scale = SIDE / Math.max(whole.width, whole.height)
  const [resizeWidth, resizeHeight] = [whole.width, whole.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  )
  const preview = await createImageBitmap(whole, { resizeWidth: resizeWidth!, resizeHeight: resizeHeight! })
  whole.close()
  return preview
}
