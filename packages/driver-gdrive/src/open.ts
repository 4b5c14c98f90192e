import {
  type ByteRange,
  expectConditions,
  type ReadOptions,
  resolveRange,
  StorageError,
  streamBytes,
  type TreeOpened,
} from '@filegate/core'
import { openInflated, ranged } from '@filegate/core/http-body'
import { z } from 'zod'
import { jsonOf } from './answers.ts'
import type { Connection } from './connection.ts'
import { reasonOf } from './errors.ts'
import { type DriveItem, isDangling, linkBytes, readFacts } from './facts.ts'
import { revisionOf } from './revisions.ts'
import { apiUrl } from './vendor.ts'

type Facts = ReturnType<typeof readFacts>

/** What is read: its facts, and where its bytes are. */
interface Readable {
  readonly facts: Facts
  readonly url: string
  /** Whether ranges can be asked for. */
  readonly isExport: boolean
}

/** Reads a file, a revision of it, or what a Google document is exported as. */
export async function openFile(connection: Connection, item: DriveItem, options: ReadOptions): Promise<TreeOpened> {
  const { range, conditions, signal } = options
  expectReadable(item)
  const readable = await readableOf(connection, item, options)
  const { facts } = readable
  if (conditions) expectConditions(conditions, facts, facts.name)
  if (item.format && item.format !== 'none' && item.format.kind === 'link') {
    return openBytes(facts, linkBytes(item.file, item.format.extension), options)
  }
  if (!readable.isExport) return openMedia(connection, item, readable, options)
  const opened = await openInflated(range, async () => {
    const answer = await media(connection, item, readable.url, { signal })
    return { object: { key: '', facts }, body: answer.body ?? streamBytes(new Uint8Array()) }
  })
  return { facts, range: opened.range, body: opened.body }
}

function expectReadable(item: DriveItem): void {
  if (isDangling(item)) throw new StorageError('NotFound', 'The shortcut leads to a file that is gone, or not shared.')
  if (item.format !== 'none') return
  const message = 'With show_all_gdocs Google documents are shown and not exported, so this one cannot be read.'
  throw new StorageError('Unsupported', message)
}

async function readableOf(
  connection: Connection,
  item: DriveItem,
  { version, signal }: ReadOptions,
): Promise<Readable> {
  const facts = readFacts(connection.options, item)
  if (version !== undefined) return revisionOf(connection, item, version, { signal })
  const { id, size, exportLinks } = item.file
  if (item.format && item.format !== 'none' && item.format.kind === 'export') {
    // The link has no limit on the size of the export.
    const own = `${apiUrl}/files/${encodeURIComponent(id)}/export?mimeType=${encodeURIComponent(item.format.type)}`
    return { facts, url: exportLinks?.[item.format.type] ?? own, isExport: true }
  }
  const { v2_download_min_size: least } = connection.options
  const url = least >= 0 && Number(size ?? 0) >= least ? await olderUrl(connection, item, signal) : undefined
  return {
    facts,
    url: url ?? `${apiUrl}/files/${encodeURIComponent(id)}?alt=media&supportsAllDrives=true`,
    isExport: false,
  }
}

const older = z.object({ downloadUrl: z.string() })

/** https://developers.google.com/workspace/drive/api/reference/rest/v2/files/get */
async function olderUrl({ vendor, keys }: Connection, { id }: DriveItem, signal: AbortSignal | undefined) {
  const url = `https://www.googleapis.com/drive/v2/files/${encodeURIComponent(id)}?fields=downloadUrl&supportsAllDrives=true`
  const answer = await vendor.exchange({ url, headers: keys.headersFor([id]), signal })
  return older.parse(await jsonOf(answer)).downloadUrl
}

function openBytes(facts: Facts, bytes: Uint8Array<ArrayBuffer>, { range, signal }: ReadOptions): TreeOpened {
  if (!range) return { facts, body: streamBytes(bytes, signal) }
  const resolved = resolveRange(range, bytes.length)
  return { facts, range: resolved, body: streamBytes(bytes.subarray(resolved.start, resolved.end), signal) }
}

async function openMedia(
  connection: Connection,
  item: DriveItem,
  { facts, url }: Readable,
  { range, signal }: ReadOptions,
): Promise<TreeOpened> {
  const wanted = range && facts.size !== undefined ? resolveRange(range, facts.size) : range
  const answer = await media(connection, item, url, { signal, range: wanted })
  const body = answer.body ?? streamBytes(new Uint8Array())
  if (!wanted) return { facts, body }
  const length = answer.headers.get('content-length')
  const told = {
    contentRange: answer.headers.get('content-range') ?? undefined,
    size: length === null ? undefined : Number(length),
  }
  const opened = ranged({ key: '', facts }, wanted, told, body)
  return { facts, range: opened.range, body: opened.body }
}

interface MediaAsked {
  readonly range?: ByteRange | undefined
  readonly signal?: AbortSignal | undefined
}

/** The bytes as they are stored. Files that Google finds abusive are given out to who says so, and only then. */
async function media(connection: Connection, { id }: DriveItem, url: string, asked: MediaAsked): Promise<Response> {
  const { vendor, keys, options } = connection
  const headers = {
    'accept-encoding': 'identity',
    ...keys.headersFor([id]),
    ...(asked.range && { range: rangeHeader(asked.range) }),
  }
  try {
    return await expectContent(await vendor.exchange({ url, headers, signal: asked.signal }))
  } catch (error) {
    if (reasonOf(error) !== 'cannotDownloadAbusiveFile' || !options.acknowledge_abuse) throw error
    const acknowledged = new URL(url)
    acknowledged.searchParams.set('acknowledgeAbuse', 'true')
    return vendor.exchange({ url: acknowledged.href, headers, signal: asked.signal })
  }
}

/** Whom the documents of Google do not know is led to a page that asks for a login, which is no content. */
async function expectContent(answer: Response): Promise<Response> {
  if (URL.parse(answer.url)?.hostname !== 'accounts.google.com') return answer
  await answer.body?.cancel()
  throw new StorageError('Unauthenticated', 'Google asks for a login to export this document. Allow access anew.')
}

/** `bytes=...` of RFC 9110, section 14.1.2. */
function rangeHeader(range: ByteRange): string {
  if ('suffix' in range) return `bytes=-${range.suffix}`
  return `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`
}
