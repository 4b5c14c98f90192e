import { ApiError } from './api-error.ts'

/** A part of a MIME message: the names of its headers are in small letters. */
export interface Part {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const refuse = (message: string): ApiError => new ApiError(400, 'badContent', message)

/** The boundary of a `multipart/…` content type, plain or in quotes, also in the single ones of the vendor's own tools. */
export function boundaryOf(contentType: string | undefined, kind: string): string {
  const [type, ...parameters] = (contentType ?? '').split(';')
  const boundary = parameters
    .map((one) => /^\s*boundary=(?:"([^"]+)"|'([^']+)'|([^\s"]+))\s*$/i.exec(one))
    .find(Boolean)
  const value = boundary?.slice(1).find((one) => one !== undefined)
  if (type?.trim().toLowerCase() !== kind || value === undefined)
    throw refuse(`Content-Type is not ${kind} with a boundary.`)
  return value
}

/** RFC 2046, 5.1.1; lines end in CRLF, as HTTP has it, or in LF alone, which the service takes as well. */
export function parseMultipart(body: Buffer, boundary: string): Part[] {
  const mark = Buffer.from(`--${boundary}`)
  const starts: number[] = []
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) {
    if (at === 0 || body[at - 1] === 10) starts.push(at)
  }
  const last = starts.at(-1)
  const closed =
    last !== undefined && body.subarray(last + mark.length, last + mark.length + 2).toString('latin1') === '--'
  if (!closed) throw refuse('Missing end boundary in multipart body.')
  return starts.slice(0, -1).map((start, place) => parsePart(body.subarray(start + mark.length, starts[place + 1])))
}

function parsePart(bytes: Buffer): Part {
  const firstLine = bytes.indexOf('\n')
  if (firstLine < 0 || bytes.subarray(0, firstLine).toString('latin1').trim() !== '')
    throw refuse('Malformed multipart body.')
  const content = bytes.subarray(firstLine + 1, bytes.length - (bytes[firstLine - 1] === 13 ? 2 : 1))
  const empty = /^\r?\n|\r?\n\r?\n/.exec(content.subarray(0, 65_536).toString('latin1'))
  if (!empty) throw refuse('Malformed multipart body.')
  const lines = content.subarray(0, empty.index).toString('latin1').split(/\r?\n/)
  const headers = lines.filter(Boolean).map((line): [string, string] => {
    const colon = line.indexOf(':')
    if (colon < 1) throw refuse('Malformed header in multipart body.')
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { headers: Object.fromEntries(headers), body: content.subarray(empty.index + empty[0].length) }
}
