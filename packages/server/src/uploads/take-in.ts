import { announcedSize, checkWhole } from '../writing/upload-headers.ts'
import { nextExpiry } from './answers.ts'
import { receiveBytes } from './receive-bytes.ts'
import { openBytes } from './upload-bytes.ts'
import { parseChecksum } from './upload-checksum.ts'
import type { UploadState } from './upload-state.ts'
import type { Uploading } from './uploading.ts'

/**
 * Takes in the body of a request, and remembers how far the upload has come. Whoever calls holds the upload.
 * @throws what went wrong with the body; what had come of it counts, unless it is not what it should be
 */
export async function takeIn(uploading: Uploading, state: UploadState): Promise<UploadState> {
  const { parts, incoming, owner } = uploading
  const { store, settings, turns } = parts
  const { header } = incoming
  checkWhole(header)
  const checksumText = header('upload-checksum')
  const checksum = checksumText === undefined ? undefined : parseChecksum(checksumText)
  const announced = incoming.hasBody ? announcedSize(header) : 0
  const underway = turns.underway(state.id)
  try {
    const file = await openBytes(state)
    try {
      const { offset, failure } = await receiveBytes({
        file,
        body: incoming.hasBody ? incoming.body() : null,
        start: state.offset,
        most: state.length ?? settings.maxBodySize,
        announced,
        checksum,
        isDurable: settings.sync,
        reached: (offset) => store.save(owner, { ...state, offset, expires: nextExpiry() }, false),
        heard: (breakOff) => underway.heard(breakOff),
      })
      const next: UploadState = { ...state, offset, expires: nextExpiry() }
      await store.save(owner, next, true)
      if (failure !== undefined) throw failure
      return next
    } finally {
      await file.close()
    }
  } finally {
    underway.end()
  }
}
