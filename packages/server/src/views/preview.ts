import type { Archive, ArchiveContent } from '../archive/archive.ts'
import { openArchiveBytes } from '../archive/archive-bytes.ts'
import { bodyOf } from '../archive/body-of.ts'
import { ListingJson } from '../archive/listing-json.ts'
import { openArchive } from '../archive/open-archive.ts'
import { type Primed, primed } from '../archive/primed.ts'
import { ownChunks } from '../bodies/owned-chunks.ts'
import { jsonType } from '../errors.ts'
import { containment, contentType, sampleSize } from '../http/content-type.ts'
import { contentDisposition } from '../http/disposition.ts'
import { byteStream } from '../listing/byte-stream.ts'
import type { View, ViewContext } from './view.ts'

/** So much of an entry is unpacked and checked before the answer begins. */
const primedBytes = 1 << 20

/**
 * What is in an archive; with a value, the bytes of the entry of exactly that name. Only 1 and true are no names, as they
 * are ways to write the bare parameter.
 */
export const preview: View = {
  name: 'preview',
  takes: 'file',
  async respond(context) {
    const { request, source, services } = context
    const stop = new AbortController()
    const file = await openArchiveBytes(source, AbortSignal.any([request.signal, stop.signal]))
    try {
      const archive = await openArchive(file, services.archives)
      const name = request.query.text('preview') ?? request.query.text('contents') ?? ''
      if (name !== '' && name !== '1' && name !== 'true')
        return await entry(context, await archive.open(name), stop, () => file.close())
      const response = await listing(context, archive)
      file.close()
      return response
    } catch (error) {
      file.close()
      throw error
    }
  },
}

async function listing({ request, reply }: ViewContext, archive: Archive): Promise<Response> {
  const headers = { 'content-type': jsonType, 'cache-control': 'no-cache' }
  const found = new ListingJson()
  await archive.list((entry) => found.add(entry))
  if (request.method === 'HEAD') return reply(200, headers, null)
  const { chunks, length } = found.finish(archive)
  // Each is forgotten once it is sent.
  const body = ownChunks(byteStream(drained(chunks)))
  return reply(200, { ...headers, 'content-length': String(length) }, body)
}

function* drained<T>(items: T[]): Generator<T, void> {
  for (const item of items.splice(0)) yield item
}

async function entry(
  { request, reply }: ViewContext,
  content: ArchiveContent,
  stop: AbortController,
  close: () => void,
): Promise<Response> {
  const { chunks } = content
  const release = async (): Promise<void> => {
    await chunks.return()
    close()
  }
  try {
    const start = await primed(chunks, primedBytes)
    const headers = describe(content, start)
    if (request.method !== 'HEAD' && !start.whole)
      return reply(200, headers, bodyOf(following(start, chunks), stop, release))
    await release()
    return reply(200, headers, request.method === 'HEAD' ? null : start.start)
  } catch (error) {
    await chunks.return()
    throw error
  }
}

async function* following(
  { start }: Primed,
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield start
  yield* chunks
}

/** Nobody vouches for what is in an archive: what a browser would run is only ever saved. */
function describe({ entry }: ArchiveContent, { start }: Primed): Record<string, string> {
  const name = entry.path.split(/[/\\]/).at(-1) ?? ''
  const type = contentType(name, start.subarray(0, sampleSize))
  const active = /script/.test(type) || Object.keys(containment(type)).length > 0
  return {
    'content-type': type,
    'content-length': String(entry.size),
    'content-disposition': contentDisposition(active ? 'attachment' : 'inline', name),
    'cache-control': 'no-cache',
    ...(active ? containment('text/html') : {}),
  }
}
