import { notFound, StorageError } from '@filegate/core'

/** A bucket and what is addressed in it: an object by its key, or the bucket itself by an empty key. */
export interface Place {
  readonly bucket: string
  readonly key: string
}

/** How keys of the connection become places at the vendor, and back. */
export interface Places {
  /** The one bucket, where the endpoint names it; else keys begin with that of a bucket. */
  readonly only: string | undefined
  /** @throws StorageError `NotFound` for a key that lies in no bucket */
  readonly of: (key: string) => Place
  readonly keyOf: (place: Place) => string
}

/** Loose, since old buckets and tenants have names that new ones may not; strict in what could lead to another host. */
const allowed = /^(?!arn:)(?![.-])[\w.:-]{1,255}$/i

export function placesOf(only: string | undefined): Places {
  if (only !== undefined) {
    if (!allowed.test(only)) throw new StorageError('InvalidArgument', 'endpoint: holds no valid name of a bucket')
    return { only, of: (key) => ({ bucket: only, key }), keyOf: ({ key }) => key }
  }
  return {
    only,
    of(key) {
      const slash = key.indexOf('/')
      const bucket = slash === -1 ? '' : key.slice(0, slash)
      if (!allowed.test(bucket)) throw notFound(key)
      return { bucket, key: key.slice(slash + 1) }
    },
    keyOf: ({ bucket, key }) => `${bucket}/${key}`,
  }
}

/** A place to write to. @throws StorageError `InvalidPath` where there can be none */
export function placeToWrite(places: Places, key: string): Place {
  try {
    return places.of(key)
  } catch (cause) {
    throw new StorageError('InvalidPath', 'Files have to be in a bucket: give a path such as bucket/name.', { cause })
  }
}
