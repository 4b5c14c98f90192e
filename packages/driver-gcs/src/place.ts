import { notFound, StorageError } from '@filegate/core'

/** A bucket and what is addressed in it: an object by its key, or the bucket itself by an empty key. */
export interface Place {
  readonly bucket: string
  readonly key: string
}

/** Loose, since old buckets have names that new ones may not; strict in what could lead to another address. */
const allowed = /^(?![.-])[\w.:-]{1,222}$/i

/** @throws StorageError `NotFound` for a key that lies in no bucket, or that no object can have */
export function placeOf(key: string): Place {
  const slash = key.indexOf('/')
  const bucket = slash === -1 ? '' : key.slice(0, slash)
  const inside = key.slice(slash + 1)
  if (!allowed.test(bucket) || inside === '.' || inside === '..') throw notFound(key)
  return { bucket, key: inside }
}

/** Of an object. @throws StorageError `NotFound` for anything else */
export function objectPlace(key: string): Place {
  const place = placeOf(key)
  if (place.key === '') throw notFound(key)
  return place
}

/** A place to write to. @throws StorageError `InvalidPath` where there can be none */
export function placeToWrite(key: string): Place {
  try {
    return placeOf(key)
  } catch (cause) {
    throw new StorageError('InvalidPath', 'Files have to be in a bucket: give a path such as bucket/name.', { cause })
  }
}
