/** Square planes that are stored column by column, row by row. */
export function rowsOfColumns(columns: Uint8Array, side: number): Uint8Array {
  const rows = new Uint8Array(columns.length)
  const plane = side * side
  for (let start = 0; start < columns.length; start += plane) {
    for (let x = 0, from = start; x < side; x++) {
      for (let to = start + x; to < start + plane; to += side) rows[to] = columns[from++]!
    }
  }
  return rows
}
