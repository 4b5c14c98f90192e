/**
 * Names on a Unix disk are bytes and need not be UTF-8. A byte that is not part of valid UTF-8 appears in our names as
 * `‛` and two upper-case hexadecimal digits. A name that already holds such a triple has its `‛` written the same way,
 * so the mapping is one to one: each file has exactly one name here, which is what rights and caches rely on.
 */
const mark = '\u201B'
const escapes = /\u201B([89A-F][0-9A-F])/g
const ambiguous = /\u201B(?=[89A-F][0-9A-F])/g
const quotedMark = '\u201BE2\u201B80\u201B9B'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const escaped = (byte: number): string => mark + byte.toString(16).toUpperCase().padStart(2, '0')

/** `undefined` for bytes that are not valid UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/** The length of the valid UTF-8 sequence at `at`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (decoded(bytes.subarray(at, at + length)) !== undefined) return length
  }
  return 0
}

/** Our name for a name on disk that is valid UTF-8. */
export function nameFromText(text: string): string {
  return text.includes(mark) ? text.replace(ambiguous, quotedMark) : text
}

/** Our name for a name on disk. */
export function nameFromBytes(bytes: Uint8Array): string {
  const text = decoded(bytes)
  return text === undefined ? escapeBytes(bytes) : nameFromText(text)
}

function escapeBytes(bytes: Uint8Array): string {
  let name = ''
  let valid = 0
  let at = 0
  const flush = (): string => nameFromText(strict.decode(bytes.subarray(valid, at)))
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      name += flush() + escaped(bytes[at] ?? 0)
      valid = ++at
    } else at += length
  }
  return name + flush()
}

/** Our name for a name on disk in which each character stands for one byte. */
export function nameFromLatin1(text: string): string {
  // oxlint-disable-next-line no-control-regex -- it is the range of ASCII that is meant
  return /^[\0-\x7F]*$/.test(text) ? text : nameFromBytes(Buffer.from(text, 'latin1'))
}

/** Whether `path` has to go through `bytesFromPath` to reach the disk. */
export function needsBytes(path: string): boolean {
  return path.includes(mark) && path.search(escapes) >= 0
}

/**
 * The bytes on disk of a path in our names, for which `needsBytes` holds. `undefined` for a spelling that no listing
 * shows, such as an escaped byte that would complete a valid character: that would be a second name for one file.
 */
export function bytesFromPath(path: string): Buffer | undefined {
  const pieces = path.split(escapes)
  const bytes = Buffer.concat(
    pieces.map((piece, index) => (index % 2 === 0 ? Buffer.from(piece) : Buffer.from(piece, 'hex'))),
  )
  return nameFromBytes(bytes) === path ? bytes : undefined
}
