import { StorageError } from '@filegate/core'
import { bodyOf } from '../archive/body-of.ts'
import { localPacker } from '../archive/zip/local-packer.ts'
import type { Level } from '../archive/zip/pack-jobs.ts'
import { streamPacker } from '../archive/zip/stream-packer.ts'
import { unitsOf } from '../archive/zip/units.ts'
import { walkTree } from '../archive/zip/walk-tree.ts'
import { writeZip } from '../archive/zip/write-zip.ts'
import { ownChunks } from '../bodies/owned-chunks.ts'
import { contentDisposition } from '../http/disposition.ts'
import type { Compression } from '../settings.ts'
import type { View } from './view.ts'

const levels: Readonly<Record<Compression, Level>> = { none: 0, low: 1, medium: 6, high: 9 }

/** A folder as a zip archive, made while it is sent. */
export const zip: View = {
  name: 'zip',
  takes: 'directory',
  feature: 'archive',
  respond({ request, storage, local, settings, services, source, reply }) {
    if (!request.query.flag('zip'))
      throw new StorageError('InvalidArgument', "Parameter 'zip' is switched off; leave it out.")
    const headers = {
      'content-type': 'application/zip',
      'content-disposition': contentDisposition('attachment', `${source.entry.name || 'files'}.zip`),
      'cache-control': 'no-store',
    }
    if (request.method === 'HEAD') return reply(200, headers, null)
    const stop = new AbortController()
    const signal = AbortSignal.any([request.signal, stop.signal])
    const level = levels[settings.compress]
    const { packers } = services
    const packer = local ? localPacker(local, packers, level, signal) : streamPacker(storage, packers, level, signal)
    const units = unitsOf(walkTree(storage, request.path, signal), request.path, packer.limits)
    return reply(200, headers, ownChunks(bodyOf(writeZip(units, packer, level), stop)))
  },
}
