import { type ArchiveEntry, type EntryType } from '../archive.ts'

export interface SevenZipEntry extends ArchiveEntry {
  readonly crc: number
}

/**
 * Reads what `7z l -slt -ba` prints: lines `Key = value`, an empty line behind each entry. 7-Zip replaces control
 * characters in names, so no name can look like the line of another key.
 */
export async function* sevenZipEntries(
  output: AsyncIterable<Uint8Array>,
): AsyncGenerator<SevenZipEntry, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  let fields = new Map<string, string>()
  for await (const chunk of output) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line !== '') {
        const [key, value] = split(line)
        fields.set(key, value)
        continue
      }
      if (fields.has('Path')) yield entryOf(fields)
      fields = new Map()
    }
  }
  if (fields.has('Path')) yield entryOf(fields)
}

function split(line: string): [string, string] {
  const at = line.indexOf(' = ')
  return at === -1 ? [line.replace(/ =$/, ''), ''] : [line.slice(0, at), line.slice(at + 3)]
}

const types: Readonly<Record<string, EntryType>> = { d: 'directory', l: 'symlink', '-': 'file' }

function entryOf(fields: ReadonlyMap<string, string>): SevenZipEntry {
  const attributes = fields.get('Attributes') ?? ''
  const unix = /[dlbcps-][r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-]$/.exec(attributes)?.[0]
  const directory = attributes.startsWith('D') || fields.get('Folder') === '+'
  return {
    path: fields.get('Path') ?? '',
    type: directory ? 'directory' : unix ? (types[unix.charAt(0)] ?? 'other') : 'file',
    size: Number(fields.get('Size') || 0),
    // Several files are packed as one, and the size of all stands with the first: it says nothing about that one.
    compressedSize: null,
    modified: timeOf(fields.get('Modified')),
    mode: unix ? modeOf(unix) : null,
    linkTarget: null,
    encrypted: fields.get('Encrypted') === '+',
    crc: Number.parseInt(fields.get('CRC') || '0', 16),
  }
}

/** In local time, as 7-Zip prints it. */
function timeOf(text: string | undefined): number | null {
  const found = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text ?? '')
  if (!found) return null
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number)
  return Math.floor(new Date(year, month - 1, day, hour, minute, second).getTime() / 1000)
}

function modeOf(text: string): number {
  const bits = Array.from(text.slice(1), (char) => (/[rwxst]/.test(char) ? 1 : 0))
  return bits.reduce<number>((mode, bit) => mode * 2 + bit, 0)
}
