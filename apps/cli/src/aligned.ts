/** Lays cells in columns, each as wide as its widest cell, a line for each row. */
export function aligned(rows: readonly (readonly string[])[], { indent = "" } = {}): string {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  const line = (row: readonly string[]): string => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
  return rows.map((row) => `${indent}${line(row).trimEnd()}\n`).join("");
}
