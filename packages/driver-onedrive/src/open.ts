import {
  type ByteRange,
  chunksOf,
  expectConditions,
  type Operation,
  type ReadOptions,
  resolveRange,
  StorageError,
  streamBytes,
  type TreeOpened,
} from '@filegate/core'
import { answeredRange, cutOut } from '@filegate/core/http-body'
import { addressOf, itemPath } from './address.ts'
import type { Connection } from './connection.ts'
import { isInfection } from './errors.ts'
import type { FileFacts, OneDriveItem } from './item.ts'
import { refusalOf } from './refusal.ts'
import { findVersion } from './versions.ts'

/** Reads a file, or a part of it, in the version that is asked for. */
export async function openFile(connection: Connection, file: OneDriveItem, options: ReadOptions): Promise<TreeOpened> {
  if (file.isNotebook) {
    throw new StorageError('Unsupported', 'A notebook of OneNote cannot be read as a file. Open it in OneNote.')
  }
  const { facts, content, isNewest } = await settled(connection, file, options)
  if (options.conditions) expectConditions(options.conditions, facts, facts.name)
  const range = options.range && rangeIn(options.range, facts.size)
  // There is nothing to ask for.
  if (facts.size === 0) return { facts, body: streamBytes(new Uint8Array(), options.signal) }
  const asked = { facts, range, signal: options.signal }
  try {
    return await download(connection, { ...asked, ...(await content()) })
  } catch (error) {
    // What is infected is not always marked as that. Older versions are given out by nothing but their own address.
    if (!connection.options.av_override || file.isInfected || !isNewest || !isInfection(error)) throw error
    return download(connection, { ...asked, ...(await infectedContent(connection, file, { signal: options.signal })) })
  }
}

const rangeIn = (range: ByteRange, size: number | undefined): { start: number; end: number } => {
  if (size !== undefined) return resolveRange(range, size)
  throw new StorageError('Unexpected', 'OneDrive does not tell how long the file is.')
}

/** Where bytes are, and what has to be said there. */
interface Content {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
}

interface Settled {
  readonly facts: FileFacts
  readonly isNewest: boolean
  readonly content: () => Promise<Content>
}

/** What is read, once it is clear which version that is: the service does not give the newest as a version. */
async function settled(connection: Connection, file: OneDriveItem, options: ReadOptions): Promise<Settled> {
  const { version, signal } = options
  const newest = (facts: FileFacts): Settled => ({
    facts,
    isNewest: true,
    content: () => contentOf(connection, file, { signal }),
  })
  if (version === undefined) return newest(factsOf(file))
  const { facts, isNewest, path } = await findVersion(connection, file, version, { signal })
  if (isNewest) return newest(facts)
  return { facts, isNewest, content: async () => ({ url: await redirectOf(connection, { path, signal }) }) }
}

export function factsOf({ facts }: OneDriveItem): FileFacts {
  if (facts.kind === 'file') return facts
  throw new StorageError('IsADirectory', 'Is a directory, not a file.')
}

/** As the look-up told it, which saves a call. */
async function contentOf(connection: Connection, file: OneDriveItem, { signal }: Operation): Promise<Content> {
  if (file.isInfected && connection.options.av_override) return infectedContent(connection, file, { signal })
  return { url: file.downloadUrl ?? (await redirectOf(connection, { path: contentPath(file), signal })) }
}

const contentPath = ({ id }: OneDriveItem): string => `${itemPath(addressOf(id))}/content`

/** Bytes that are held back as infected are given to whoever insists, there and behind the redirect. */
async function infectedContent(connection: Connection, file: OneDriveItem, { signal }: Operation): Promise<Content> {
  const headers = { prefer: 'forceInfectedDownload' }
  const url = await redirectOf(connection, { path: contentPath(file), headers, version: 'beta', signal })
  // Appended, since the address is signed as it is written.
  return { url: `${url}${url.includes('?') ? '&' : '?'}AVOverride=1`, headers }
}

interface Redirected extends Operation {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly version?: 'beta' | undefined
}

async function redirectOf({ graph }: Connection, asked: Redirected): Promise<string> {
  const response = await graph.answer({ method: 'GET', leads: true, ...asked })
  await response.body?.cancel()
  const location = response.headers.get('location')
  if (location !== null) return location
  throw new StorageError('Unexpected', 'OneDrive did not say where the bytes of the file are.')
}

interface Download extends Operation, Content {
  readonly facts: FileFacts
  readonly range?: { readonly start: number; readonly end: number } | undefined
}

/** Without the login, which the address takes the place of. */
async function download({ fetch }: Connection, { url, headers, facts, range, signal }: Download): Promise<TreeOpened> {
  const response = await fetch(url, {
    headers: {
      'accept-encoding': 'identity',
      ...headers,
      ...(range && { range: `bytes=${range.start}-${range.end - 1}` }),
    },
    signal: signal ?? null,
  })
  if (!response.ok) throw await refusalOf(response, 'bytes')
  const body = response.body ?? streamBytes(new Uint8Array())
  const length = lengthIn(response)
  if (!range) return { facts: sized(facts, length), body }
  try {
    const told = response.headers.get('content-range') ?? ''
    const part = answeredRange(range, told)
    if (part) return { facts: sized(facts, /\/(\d+)\s*$/.exec(told)?.[1]), range: part, body }
    return { facts: sized(facts, length), range, body: cutOut(chunksOf(body), range) }
  } catch (error) {
    await body.cancel(error)
    throw error
  }
}

function lengthIn({ headers }: Response): string | undefined {
  return headers.get('content-encoding') === null ? (headers.get('content-length') ?? undefined) : undefined
}

/** The service tells wrong sizes of some pictures. Where the bytes are, it is known better. */
const sized = (facts: FileFacts, size: string | undefined): FileFacts =>
  size === undefined ? facts : { ...facts, size: Number(size) }
