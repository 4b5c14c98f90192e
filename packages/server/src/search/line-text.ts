/** Characters of a line that an answer carries. */
const mostCharacters = 4096
/** No character takes more bytes than this. */
const mostBytes = 4 * mostCharacters

/** A line as an answer shows it: without its line break, what is no UTF-8 replaced, and cut where it is very long. */
export function lineText(line: Buffer): string {
  let last = line.length
  while (last > 0 && line[last - 1] === 0x0d) last--
  return cutLine(line.toString('utf8', 0, Math.min(last, mostBytes)))
}

function cutLine(text: string): string {
  if (text.length <= mostCharacters) return text
  const code = text.charCodeAt(mostCharacters - 1)
  return text.slice(0, code >= 0xd800 && code < 0xdc00 ? mostCharacters - 1 : mostCharacters)
}
