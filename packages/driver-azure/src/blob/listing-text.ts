import type { BlobAnswer } from './adapt.ts'
import { emptyAnswer } from './errors.ts'

/** A blob of a listing. */
export interface ListedBlob {
  readonly name: string
  readonly answer: BlobAnswer
}

export interface Listing {
  readonly blobs: readonly ListedBlob[]
  readonly prefixes: readonly string[]
  /** Where the next page begins. */
  readonly marker: string | undefined
}

/** Elements without others in them. */
const leaf = /<([\w.:-]+)([^>]*)>([^<]*)<\/\1>/g
const itemEnd = /<\/(Blob|BlobPrefix)>/g

/** Far more than the service ever sends: of items, and of characters that make up none. */
const most = { items: 50_000, characters: 1_048_576 } as const

/**
 * Reads the answer to a listing while it comes in, blob by blob: a page of 5,000 takes the library half a second, in which nothing
 * else happens. https://learn.microsoft.com/rest/api/storageservices/list-blobs
 * @throws StorageError `Unavailable` when the answer ends before it should, or is none
 */
export async function readListing(chunks: AsyncIterable<Uint8Array>): Promise<Listing> {
  const decoder = new TextDecoder()
  const blobs: ListedBlob[] = []
  const prefixes: string[] = []
  let rest = ''
  let around = ''

  function take(): void {
    let from = 0
    for (const { index: end, 0: tag, 1: kind = '' } of rest.matchAll(itemEnd)) {
      const start = rest.indexOf(`<${kind}>`, from)
      if (start === -1 || start > end) throw emptyAnswer()
      around += rest.slice(from, start)
      const item = rest.slice(start, end)
      if (kind === 'Blob') blobs.push(blobOf(item))
      else prefixes.push(nameOf(leavesOf(item)))
      from = end + tag.length
    }
    rest = rest.slice(from)
    const isBeyond = rest.length + around.length > most.characters || blobs.length + prefixes.length > most.items
    if (isBeyond) throw emptyAnswer()
  }
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    take()
  }
  around += rest + decoder.decode()
  if (!around.includes('<EnumerationResults') || !around.trimEnd().endsWith('</EnumerationResults>'))
    throw emptyAnswer()
  const marker = /<NextMarker>([^<]*)<\/NextMarker>/.exec(around)?.[1]
  return { blobs, prefixes, marker: marker ? plain(marker) : undefined }
}

type Leaves = ReadonlyMap<string, { readonly text: string; readonly attributes: string }>

function leavesOf(item: string): Leaves {
  const found = new Map<string, { text: string; attributes: string }>()
  for (const [, name = '', attributes = '', text = ''] of item.matchAll(leaf)) {
    found.set(name, { text: plain(text), attributes })
  }
  return found
}

/** Names that XML cannot hold come percent-encoded. */
function nameOf(leaves: Leaves): string {
  const name = leaves.get('Name')
  if (!name) throw emptyAnswer()
  return /\bEncoded="true"/i.test(name.attributes) ? decoded(name.text) : name.text
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function blobOf(item: string): ListedBlob {
  const [start, end] = [item.indexOf('<Metadata>'), item.lastIndexOf('</Metadata>')]
  const hasMetadata = start !== -1 && end > start
  const leaves = leavesOf(hasMetadata ? item.slice(0, start) + item.slice(end) : item)
  const text = (name: string): string | undefined => leaves.get(name)?.text || undefined
  const length = Number(text('Content-Length'))
  const modified = Date.parse(text('Last-Modified') ?? '')
  const md5 = text('Content-MD5')
  const metadata = hasMetadata
    ? [...leavesOf(item.slice(start, end))].map(([name, { text: value }]) => [name, value])
    : []
  return {
    name: nameOf(leaves),
    answer: {
      contentLength: Number.isSafeInteger(length) ? length : undefined,
      contentType: text('Content-Type'),
      contentMD5: md5 === undefined ? undefined : Buffer.from(md5, 'base64'),
      etag: text('Etag'),
      lastModified: Number.isNaN(modified) ? undefined : new Date(modified),
      metadata: Object.fromEntries(metadata),
    },
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Text without the escapes of XML. */
function plain(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole
  })
}
