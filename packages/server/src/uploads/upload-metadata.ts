import { StorageError } from '@filegate/core'

/** What a client said of a file, by key. Values are bytes, which are text nearly always. */
export type UploadMetadata = ReadonlyMap<string, Buffer>

/** Printable ASCII without the comma: it goes back into a header as it came. */
const pair = /^([\x21-\x2b\x2d-\x7e]+)(?: ([A-Za-z0-9+/]*={0,2}))?$/

/**
 * `filename d29ybGQ=,is_confidential`: keys that are all different, each with a value in base64 or without one.
 * @throws StorageError `InvalidArgument`
 */
export function parseMetadata(text: string): UploadMetadata {
  const found = new Map<string, Buffer>()
  if (text.trim() === '') return found
  for (const part of text.split(',')) {
    const [, key, base64 = ''] = pair.exec(part.trim()) ?? []
    if (key === undefined) throw malformed('takes pairs of a key and a value in base64')
    if (found.has(key)) throw malformed(`names ${JSON.stringify(key)} twice`)
    const value = Buffer.from(base64, 'base64')
    if (withoutPadding(value.toString('base64')) !== withoutPadding(base64)) {
      throw malformed(`has a value for ${JSON.stringify(key)} that is no base64`)
    }
    found.set(key, value)
  }
  return found
}

/**
 * The text of a value; undefined where there is none, or nothing in it.
 * @throws StorageError `InvalidArgument` when it is no UTF-8
 */
export function metadataText(metadata: UploadMetadata, key: string): string | undefined {
  const value = metadata.get(key)
  if (value === undefined || value.length === 0) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
  } catch {
    throw malformed(`has a value for ${JSON.stringify(key)} that is no UTF-8`)
  }
}

const withoutPadding = (base64: string): string => base64.replace(/=+$/, '')

const malformed = (how: string): StorageError =>
  new StorageError('InvalidArgument', `The header Upload-Metadata ${how}.`)
