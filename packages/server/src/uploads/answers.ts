import { httpDate } from '../http/date.ts'
import { isComplete, type UploadState } from './upload-state.ts'
import type { Uploading } from './uploading.ts'

/** Milliseconds that an upload is kept after its last bytes have come. */
const lifetime = 24 * 60 * 60 * 1000

export const nextExpiry = (): number => Date.now() + lifetime

export const expiry = ({ expires }: UploadState): Record<string, string> => ({ 'upload-expires': httpDate(expires) })

/** Answers of a request that made or changed an upload. */
export const progress = (state: UploadState): Record<string, string> => ({
  'upload-offset': String(state.offset),
  'cache-control': 'no-store',
  ...(state.outcome === undefined && expiry(state)),
})

export const created = ({ parts, reply }: Uploading, state: UploadState, withOffset: boolean): Response => {
  const { 'upload-offset': offset = '', ...headers } = progress(state)
  const location = `${parts.collection}/${state.id}`
  return reply(201, { ...headers, ...(withOffset && { 'upload-offset': offset }), location }, null)
}

/** Everything that HEAD tells. */
export function shown(state: UploadState): Record<string, string> {
  const { length, metadata, concat, kind } = state
  const { 'upload-offset': offset = '', ...headers } = progress(state)
  return {
    ...headers,
    ...((kind !== 'final' || isComplete(state)) && { 'upload-offset': offset }),
    ...(length === undefined ? { 'upload-defer-length': '1' } : { 'upload-length': String(length) }),
    ...(metadata !== '' && { 'upload-metadata': metadata }),
    ...(concat !== undefined && { 'upload-concat': concat }),
  }
}
