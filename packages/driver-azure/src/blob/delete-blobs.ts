import type { Operation } from '@filegate/core'
import { eachInLanes } from '../streams/in-lanes.ts'
import { isFolder } from './adapt.ts'
import { type Connection, until } from './connection.ts'
import type { ContainerKeeper } from './ensure-container.ts'
import { isMissing } from './errors.ts'
import { detailsOf } from './head.ts'
import { type Place, placeOf } from './place.ts'

/** Requests under way at once. */
const lanes = 16

/** Deletes blobs, and containers after what is in them. What is not there is no error. */
export async function deleteKeys(
  connection: Connection,
  { forget }: Pick<ContainerKeeper, 'forget'>,
  keys: readonly string[],
  options: Operation,
): Promise<void> {
  const places = keys.map(placeOf)
  const blobs = places.filter(({ key }) => key !== '')
  await eachInLanes(blobs, lanes, (place, signal) => deleteOne(connection, place, signal), options.signal)
  for (const { container } of places.filter(({ key }) => key === '')) {
    forget(container)
    await deleteContainer(connection, container, options)
  }
}

async function deleteOne(connection: Connection, place: Place, signal: AbortSignal): Promise<void> {
  await deleteBlob(connection, place, signal)
  if (place.key.endsWith('/')) await deleteFolder(connection, { ...place, key: place.key.slice(0, -1) }, signal)
}

/** @throws what the service says, but for what is not there */
export async function deleteBlob(
  { vendor, options }: Connection,
  place: Place,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { delete_snapshots: snapshots } = options
  try {
    await vendor.blob(place).delete({ ...(snapshots !== '' && { deleteSnapshots: snapshots }), ...until(signal) })
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** The blob without a `/` that says that there is a directory. A file of that name stays. */
async function deleteFolder(connection: Connection, place: Place, signal: AbortSignal): Promise<void> {
  try {
    if (isFolder(await detailsOf(connection, place, { signal }))) await deleteBlob(connection, place, signal)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

async function deleteContainer({ vendor }: Connection, container: string, { signal }: Operation): Promise<void> {
  // Whoever has a signature for one container only cannot delete that.
  if (vendor.login.container === container) return
  try {
    await vendor.container(container).delete(until(signal))
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
