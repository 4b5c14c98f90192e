import type { BucketObject, BucketPage, BucketQuery, Operation } from '@filegate/core'
import { type Connection, until } from './connection.ts'
import { emptyAnswer } from './errors.ts'
import { listBlobs } from './list-blobs.ts'
import { placeOf } from './place.ts'

/** Stands for a container among blobs: what is in it may be nothing, and still it is there. */
export const containerItem = (container: string): BucketObject => ({ key: `${container}/`, facts: {} })

/** Names that one request asks for. */
const pageSize = 5000

/** The names of all containers that the login may see, in order. */
export async function containerNames({ vendor }: Connection, { signal }: Operation): Promise<readonly string[]> {
  const { container } = vendor.login
  if (container !== undefined) return [container]
  const names: string[] = []
  for await (const page of vendor.service.listContainers(until(signal)).byPage({ maxPageSize: pageSize })) {
    if (!page.serviceEndpoint) throw emptyAnswer()
    names.push(...page.containerItems.map(({ name }) => name))
  }
  return names.sort()
}

/** Pages of keys over all containers, with their names in front. */
export async function pagesOf(connection: Connection, query: BucketQuery): Promise<BucketPage> {
  if (query.prefix === '') {
    return query.delimited ? listContainers(connection, query) : walkContainers(connection, query)
  }
  const { container, key: prefix } = placeOf(query.prefix)
  const page = await listBlobs(connection, { ...query, container, prefix })
  return prefix === '' ? withContainer(container, page) : page
}

/** On the last page, so that a removal that goes through the pages deletes the container when it is empty. */
function withContainer(container: string, page: BucketPage): BucketPage {
  return page.cursor === undefined ? { ...page, objects: [...page.objects, containerItem(container)] } : page
}

async function listContainers(
  connection: Connection,
  { cursor = '', limit, signal }: BucketQuery,
): Promise<BucketPage> {
  const names = (await containerNames(connection, { signal })).filter((name) => name > cursor)
  const page = names.slice(0, Math.max(1, limit ?? names.length))
  return {
    objects: [],
    prefixes: page.map((name) => `${name}/`),
    cursor: page.length < names.length ? page.at(-1) : undefined,
  }
}

/** One container after the other. The cursor is the name of one, a slash, and the cursor inside it. */
async function walkContainers(connection: Connection, query: BucketQuery): Promise<BucketPage> {
  const { cursor: place = '/', signal } = query
  const slash = place.indexOf('/')
  const [from, inner] = [place.slice(0, slash), place.slice(slash + 1)]
  const [container, following] = (await containerNames(connection, { signal })).filter((name) => name >= from)
  if (container === undefined) return { objects: [], prefixes: [] }
  const cursor = container === from && inner !== '' ? inner : undefined
  const page = withContainer(container, await listBlobs(connection, { ...query, container, prefix: '', cursor }))
  if (page.cursor !== undefined) return { ...page, cursor: `${container}/${page.cursor}` }
  return { ...page, cursor: following === undefined ? undefined : `${following}/` }
}
