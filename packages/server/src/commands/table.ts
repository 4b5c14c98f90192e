const column = 34
const width = 100

/** Rows of a name and a text, the texts wrapped in a column of their own. */
export function table(rows: readonly (readonly [name: string, text: string])[]): string[] {
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, width - column)
    const left = `  ${name}`
    if (left.length + 2 > column) return [left, ...lines.map((line) => ' '.repeat(column) + line)]
    return lines.map((line, place) => (place === 0 ? left.padEnd(column) : ' '.repeat(column)) + line)
  })
}

function wrap(text: string, most: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > most) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
