import mime from 'mime'
import { charsetOf, looksBinary } from '../text/charset.ts'

/** How many bytes of a file are enough to tell text from binary and one character set from another. */
export const sampleSize = 4096

/** Text in the sense that a character set matters, besides everything under `text/`. */
const alsoText: ReadonlySet<string> = new Set([
  'application/javascript',
  'application/json',
  'application/ld+json',
  'application/manifest+json',
  'application/sql',
  'application/toml',
  'application/x-sh',
  'application/xhtml+xml',
  'application/xml',
  'application/yaml',
  'image/svg+xml',
])

/**
 * What a browser would run in our origin if it were served as is: HTML, any XML, for it may be SVG or name a style sheet
 * that scripts, and bodies of several parts, each of which brings a type of its own.
 */
const active = /^(?:text\/(?:html|xsl)|multipart\/.*|.*[/+]xml)$/

/** Formats told by their first bytes, for names that do not tell. */
const signatures: readonly (readonly [number[], string])[] = [
  [[0x89, 0x50, 0x4e, 0x47], 'image/png'],
  [[0xff, 0xd8, 0xff], 'image/jpeg'],
  [[0x47, 0x49, 0x46, 0x38], 'image/gif'],
  [[0x25, 0x50, 0x44, 0x46, 0x2d], 'application/pdf'],
  [[0x50, 0x4b, 0x03, 0x04], 'application/zip'],
  [[0x1f, 0x8b], 'application/gzip'],
  [[0x42, 0x5a, 0x68], 'application/x-bzip2'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'application/x-xz'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'application/zstd'],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 'application/x-7z-compressed'],
]

const isText = (type: string): boolean => type.startsWith('text/') || alsoText.has(type)
const startsWith = (sample: Uint8Array, bytes: readonly number[]): boolean =>
  bytes.every((byte, index) => sample[index] === byte)

/** The media type by the name alone; undefined when the name does not tell. */
export function typeOfName(name: string): string | undefined {
  // Without the slash a name that has no extension would be taken for one: a file called `c` or `html`.
  return mime.getType(`/${name}`) ?? undefined
}

/**
 * The media type of a file, with its character set where it is text. The name decides; the first bytes decide where the
 * name is silent, and where it says video of the transport-stream kind of what is TypeScript.
 */
export function contentType(name: string, sample: Uint8Array): string {
  const named = typeOfName(name)
  const misnamed = named === 'video/mp2t' && sample[0] !== 0x47
  const type = named && !misnamed ? named : typeOfBytes(sample)
  return isText(type) ? `${type}; charset=${charsetOf(sample)}` : type
}

function typeOfBytes(sample: Uint8Array): string {
  const known = signatures.find(([bytes]) => startsWith(sample, bytes))
  if (known) return known[1]
  return looksBinary(sample) ? 'application/octet-stream' : 'text/plain'
}

/** Headers that keep a file of this type from acting in our origin: in a sandbox it has an origin of its own. */
export function containment(type: string): Readonly<Record<string, string>> {
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!active.test(essence)) return {}
  return {
    'content-security-policy':
      "sandbox; default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline' 'self'; font-src 'self'; media-src 'self'",
  }
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const mediaType = new RegExp(
  `^${token}/${token}(?:[ \\t]*;[ \\t]*${token}=(?:${token}|"(?:[^"\\\\\\x00-\\x1f\\x7f]|\\\\[ -~])*"))*$`,
)

/** Whether the text is a media type as RFC 9110, section 8.3.1 writes it: nothing else may become a header. */
export function isMediaType(text: string): boolean {
  return text.length <= 256 && mediaType.test(text)
}
