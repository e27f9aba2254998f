/** Writes a text file in one go, also while the process is ending. */
export function writeText(path: string, text: string): void {
  process.getBuiltinModule('node:fs').writeFileSync(path, text)
}
