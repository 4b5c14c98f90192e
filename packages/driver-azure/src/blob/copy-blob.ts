import { type BucketObject, type Operation, systemClock } from '@filegate/core'
import { formatTime } from '../time/rfc3339.ts'
import { objectOf, timeKey } from './adapt.ts'
import { type Connection, until } from './connection.ts'
import { containerItem } from './containers.ts'
import type { ContainerKeeper } from './ensure-container.ts'
import { isMissing } from './errors.ts'
import { detailsOf, foundDetails } from './head.ts'
import { type Place, placeOf, placeToWrite } from './place.ts'
import { settledTier, tierInput } from './tier.ts'

/** Milliseconds between questions whether a copy is done; each pause is twice the one before. */
const pauses = { first: 100, longest: 1000 } as const

/** Copies a blob inside the account, over what is there; a container as the place to copy into is made. */
export async function copyBlob(
  connection: Connection,
  keeper: ContainerKeeper,
  [from, to]: readonly [from: string, to: string],
  { signal }: Operation,
): Promise<BucketObject> {
  const destination = placeToWrite(to)
  await keeper.ensure(destination.container, signal)
  const source = placeOf(from)
  if (source.key === '' || destination.key === '') return containerItem(destination.container)
  const [read, written] = await spelled(connection, source, destination, signal)
  await copied(connection, read, written, signal)
  await settledTier(connection, written, signal)
  return objectOf(to, await detailsOf(connection, written, { signal }))
}

/** A directory may be marked by a blob beside it, which has no `/` at its end. */
async function spelled(
  connection: Connection,
  source: Place,
  destination: Place,
  signal: AbortSignal | undefined,
): Promise<readonly [source: Place, destination: Place]> {
  if (!source.key.endsWith('/')) return [source, destination]
  try {
    await detailsOf(connection, source, { signal })
    return [source, destination]
  } catch (error) {
    if (!isMissing(error)) throw error
    return [withoutSlash(source), withoutSlash(destination)]
  }
}

const withoutSlash = ({ container, key }: Place): Place => ({ container, key: key.slice(0, -1) })

async function copied(
  { vendor, options }: Connection,
  source: Place,
  destination: Place,
  signal: AbortSignal | undefined,
): Promise<void> {
  const poller = await vendor.blob(destination).beginCopyFromURL(vendor.blob(source).url, {
    ...tierInput(options.access_tier),
    ...until(signal),
  })
  try {
    for (let pause: number = pauses.first; ; pause = Math.min(pauses.longest, pause * 2)) {
      await poller.poll(until(signal))
      if (poller.isDone()) break
      await systemClock.sleep(pause, signal)
    }
    await poller.pollUntilDone()
  } catch (error) {
    // The service would go on copying for somebody who is gone.
    if (!poller.isDone()) await poller.cancelOperation().catch(() => undefined)
    throw error
  }
}

/** Keeps the bytes of a blob and gives it another time. */
export async function changeTime(
  connection: Connection,
  key: string,
  { modified, signal }: Operation & { readonly modified: number },
): Promise<BucketObject> {
  const { place, details } = await foundDetails(connection, key, { signal })
  const kept = Object.entries(details.metadata ?? {}).filter(([name]) => name.toLowerCase() !== timeKey)
  const metadata = { ...Object.fromEntries(kept), [timeKey]: formatTime(modified) }
  const conditions = details.etag === undefined ? {} : { ifMatch: details.etag }
  const { etag, lastModified } = await connection.vendor
    .blob(place)
    .setMetadata(metadata, { conditions, ...until(signal) })
  return objectOf(key, { ...details, metadata, etag, lastModified })
}
