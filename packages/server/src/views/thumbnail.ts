import { createHash } from 'node:crypto'
import { collectBytes, isADirectory, type FileEntry, StorageError } from '@filegate/core'
import { conditionalStatus } from '../http/conditional.ts'
import { typeOfName } from '../http/content-type.ts'
import { contentDisposition } from '../http/disposition.ts'
import { type ThumbnailRequest, thumbnailRequest } from '../thumbnails/thumbnail-request.ts'
import type { View, ViewContext } from './view.ts'

/** A small picture of a picture. Off unless the server was started with it: decoders of pictures are a large surface. */
export const thumbnail: View = {
  name: 'thumbnail',
  takes: 'any',
  respond(context) {
    const { source, request, settings } = context
    if (!settings.allow.thumbnails) {
      throw new StorageError(
        'Unsupported',
        'Thumbnails are switched off; the server must be started with --allow-thumbnails.',
      )
    }
    if (source.entry.kind === 'directory') throw isADirectory(request.path)
    return respondWith(context, source.entry, thumbnailRequest(request.query, request.header('accept')))
  },
}

/** Bytes of a picture; it is held in memory while it is being decoded. */
const mostBytes = 64 * 1024 * 1024
/** Media types that say for sure that there is no use in trying. */
const neverPictures = /^(?:text|audio|video)\/|^application\/(?:pdf|zip|gzip|json)$/

async function respondWith(context: ViewContext, entry: FileEntry, wanted: ThumbnailRequest): Promise<Response> {
  const { request, reply, services } = context
  const key = keyOf(entry, wanted)
  const headers = {
    'content-type': `image/${wanted.format}`,
    'content-disposition': contentDisposition('inline', `${entry.name}.${wanted.format}`),
    // Asking again costs one look at the file, and a picture that was replaced is seen at once.
    'cache-control': 'private, no-cache',
    vary: 'Accept',
    ...(entry.etag !== undefined && { etag: `"thumbnail-${key.slice(0, 32)}"` }),
  }
  const decided = conditionalStatus((name) => request.header(name), { ...entry, etag: headers.etag })
  if (decided !== undefined) return reply(decided, headers, null)
  const { cache } = services.thumbnails
  const known = entry.etag === undefined ? undefined : await cache.get(key)
  const bytes = known ?? (await make(context, entry, wanted))
  if (!known && entry.etag !== undefined) await cache.set(key, bytes)
  return reply(200, { ...headers, 'content-length': String(bytes.length) }, request.method === 'HEAD' ? null : bytes)
}

/** Changes with the bytes of the file and with everything that is wanted. */
function keyOf({ path, etag }: FileEntry, { width, height, fit, format, quality }: ThumbnailRequest): string {
  const parts = JSON.stringify([path, etag, width, height, fit, format, quality])
  return createHash('sha256').update(parts).digest('hex')
}

async function make(
  { source, request, services }: ViewContext,
  { name, path, size }: FileEntry,
  wanted: ThumbnailRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  if (neverPictures.test(typeOfName(name) ?? '')) {
    throw new StorageError('InvalidArgument', `There is no thumbnail of a file that is no picture: /${path}`, { path })
  }
  const tooLarge = new StorageError('TooLarge', `The picture is larger than ${mostBytes} bytes: /${path}`, { path })
  if ((size ?? 0) > mostBytes) throw tooLarge
  const { signal } = request
  // One byte more than allowed, to notice a file whose size was not known.
  const range = size === 0 ? undefined : { start: 0, end: mostBytes + 1 }
  const { body } = await source.open({ range, signal })
  const picture = await collectBytes(body, signal)
  if (picture.length > mostBytes) throw tooLarge
  return services.thumbnails.make({ ...wanted, picture }, signal)
}
