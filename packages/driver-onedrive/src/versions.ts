import { type ListOptions, type Operation, type Page, StorageError } from '@filegate/core'
import { z } from 'zod'
import { type Address, addressOf, itemPath } from './address.ts'
import type { Connection } from './connection.ts'
import { sizeInBytes } from './drive-item.ts'
import type { FileFacts, OneDriveItem } from './item.ts'
import { nextPage, queryOfPage } from './next-page.ts'

const text = z.string().nullish()
const versionPage = z.object({
  value: z.array(z.object({ id: z.string(), size: sizeInBytes, lastModifiedDateTime: text })),
  '@odata.nextLink': text,
})

type Version = z.output<typeof versionPage>['value'][number]

interface VersionPage {
  readonly versions: readonly Version[]
  readonly cursor?: string | undefined
}

/** Newest first, as the service lists them. */
async function versionsAt(
  { graph }: Connection,
  address: Address,
  { cursor, signal }: Pick<ListOptions, 'cursor' | 'signal'>,
): Promise<VersionPage> {
  const path = `${itemPath(address)}/versions`
  const page = versionPage.parse(await graph.json({ method: 'GET', path, query: queryOfPage(cursor), signal }))
  return { versions: page.value, cursor: nextPage(page['@odata.nextLink'], cursor) }
}

/** The kept versions of a file. */
export async function revisionsOf(
  connection: Connection,
  file: OneDriveItem,
  { cursor, signal }: ListOptions,
): Promise<Page<FileFacts>> {
  const page = await versionsAt(connection, addressOf(file.id), { cursor, signal })
  const items = page.versions.map((version, place) =>
    factsOfVersion(file, version, cursor === undefined && place === 0),
  )
  return { items, cursor: page.cursor }
}

function factsOfVersion({ facts }: OneDriveItem, version: Version, isNewest: boolean): FileFacts {
  const { id, size, lastModifiedDateTime } = version
  if (facts.kind === 'file' && isNewest) return { ...facts, version: id }
  const time = lastModifiedDateTime ? Date.parse(lastModifiedDateTime) : Number.NaN
  return {
    kind: 'file',
    name: facts.name,
    version: id,
    size: size ?? undefined,
    modified: Number.isNaN(time) ? undefined : time,
    contentType: facts.kind === 'file' ? facts.contentType : undefined,
  }
}

interface FoundVersion {
  readonly facts: FileFacts
  readonly isNewest: boolean
  /** Of its bytes; the newest has none as a version. */
  readonly path: string
}

/** @throws StorageError `NotFound` */
export async function findVersion(
  connection: Connection,
  file: OneDriveItem,
  version: string,
  { signal }: Operation,
): Promise<FoundVersion> {
  const address = addressOf(file.id)
  let cursor: string | undefined
  do {
    const page = await versionsAt(connection, address, { cursor, signal })
    const place = page.versions.findIndex(({ id }) => id === version)
    const found = page.versions[place]
    if (found) {
      const isNewest = cursor === undefined && place === 0
      const path = `${itemPath(address)}/versions/${encodeURIComponent(version)}/content`
      return { facts: factsOfVersion(file, found, isNewest), isNewest, path }
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  throw new StorageError('NotFound', `There is no version ${JSON.stringify(version.slice(0, 60))} of this file.`)
}

/** Removes all versions but the newest. */
export async function removeOldVersions(
  connection: Connection,
  address: Address,
  { signal }: Operation,
): Promise<void> {
  const old: string[] = []
  let cursor: string | undefined
  let isNewest = true
  do {
    const page = await versionsAt(connection, address, { cursor, signal })
    for (const { id } of page.versions) {
      if (!isNewest) old.push(id)
      isNewest = false
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  for (const id of old) {
    const path = `${itemPath(address)}/versions/${encodeURIComponent(id)}`
    await connection.graph.done({ method: 'DELETE', path, signal })
  }
}
