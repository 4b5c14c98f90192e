import { randomBytes } from 'node:crypto'
import { digestOf } from '../cloud-tree/digest-of.ts'
import { currentRevision, type Item, sizeOf } from '../cloud-tree/item.ts'
import type { Json } from './answer.ts'
import { type Cloud, downloadHost } from './clouds.ts'
import { mediaType } from './media-type.ts'
import type { Drive, Service } from './service.ts'

// Source: driveItem and its facets in the Graph reference; what differs between the types of drives is said there as well.

export interface View {
  readonly service: Service
  readonly cloud: Cloud
  readonly drive: Drive
}

/** Personal drives keep milliseconds, the others seconds. */
export const formatTime = (time: number, { type }: Drive): string =>
  type === 'personal'
    ? new Date(time).toISOString()
    : new Date(Math.floor(time / 1000) * 1000).toISOString().replace('.000Z', 'Z')

export const eTagOf = (item: Item, { type }: Drive): string =>
  type === 'personal'
    ? `a${Buffer.from(`${item.id}.${item.sequence}`).toString('base64url')}`
    : `"{${item.id}},${item.sequence}"`

/** Changes with the content only. Folders of business drives have none. */
export function cTagOf({ tree }: Service, item: Item, { type }: Drive): string | undefined {
  if (item.kind === 'file') {
    const content = currentRevision(item)?.id ?? '0'
    return type === 'personal'
      ? `aYzo${Buffer.from(`${item.id}.${content}`).toString('base64url')}`
      : `"c:{${item.id}},${content}"`
  }
  if (type !== 'personal') return undefined
  const newest = Math.max(...tree.below(item.id).map(({ sequence }) => sequence))
  return `adDo${Buffer.from(`${item.id}.${newest}`).toString('base64url')}`
}

const nameOf = (user: string): string => user.split('@')[0] ?? user

export const identity = (user: string): Json => ({
  user: { email: user, id: `object-of-${user}`, displayName: nameOf(user) },
})

export const totalSize = ({ tree }: Service, item: Item): number =>
  tree.below(item.id).reduce((sum, each) => sum + (tree.isTrashed(each.id) ? 0 : sizeOf(each)), 0)

/** Where drives are found by people. */
const siteOf = ({ cloud, drive }: View): string =>
  drive.type === 'documentLibrary'
    ? `https://${cloud.sharepoint.replace('-my', '')}/sites/team/${encodeURIComponent(drive.name)}`
    : `https://${cloud.sharepoint}/personal/${drive.owner.replaceAll(/\W/g, '_')}/Documents`

export function webUrlOf(view: View, item: Item): string {
  const { drive, service } = view
  if (drive.type === 'personal') return `https://onedrive.live.com/?cid=${drive.id}&id=${encodeURIComponent(item.id)}`
  return [siteOf(view), ...service.tree.pathOf(item.id).map(encodeURIComponent)].join('/')
}

/** @param withPath answers of delta say none */
export function parentReference({ service: { tree }, drive }: View, item: Item, withPath = true): Json {
  const [parent] = item.parents
  const above = { driveType: drive.type, driveId: drive.id }
  if (parent === undefined) return above
  const names = tree.pathOf(parent).map(encodeURIComponent)
  const path = `/drives/${drive.id}/root:${names.map((name) => `/${name}`).join('')}`
  const name = parent === drive.root ? 'root' : tree.need(parent).name
  return { ...above, id: parent, name, ...(withPath && { path }) }
}

function fileFacet(item: Item, { type }: Drive): Json {
  const bytes = currentRevision(item)?.bytes ?? new Uint8Array()
  const hex = (name: 'sha1' | 'sha256') => digestOf(bytes, name).toString('hex').toUpperCase()
  return {
    mimeType: mediaType(item.name),
    hashes: {
      quickXorHash: digestOf(bytes, 'quickXor').toString('base64'),
      ...(type === 'personal' && { sha1Hash: hex('sha1'), sha256Hash: hex('sha256') }),
    },
  }
}

const folderFacet = ({ tree }: Service, item: Item): Json => ({ childCount: tree.children(item.id).length })

function kindFacet(service: Service, item: Item, drive: Drive): Json {
  const { package: type } = item.facts
  if (type !== undefined) return { package: { type } }
  return item.kind === 'folder' ? { folder: folderFacet(service, item) } : { file: fileFacet(item, drive) }
}

const fileSystemTimes = (item: Item, drive: Drive): Json => ({
  createdDateTime: formatTime(item.created, drive),
  lastModifiedDateTime: formatTime(item.modified, drive),
})

/** When the service itself saw it change; SharePoint takes over what clients say. */
const modifiedOf = (item: Item, { type }: Drive): number => (type === 'personal' ? item.changed : item.modified)

function sharedFacet({ service, drive }: View, item: Item): Json | undefined {
  const all = service.permissions.get(item.id) ?? []
  if (all.length === 0) return undefined
  const scope = all.some(({ link }) => link?.scope === 'anonymous') ? 'anonymous' : 'users'
  return { scope, ...(drive.type === 'personal' && { owner: identity(drive.owner) }) }
}

/** Good for an hour, for whoever has it. */
export function downloadUrl({ service, cloud, drive }: View, item: Item, revision?: string, infected = false): string {
  const token = randomBytes(24).toString('base64url')
  service.downloads.set(token, { item: item.id, revision, infected, expires: service.tree.now() + 3_600_000 })
  return drive.type === 'personal'
    ? `https://${downloadHost}/y4m${token}`
    : `https://${cloud.sharepoint}/_layouts/15/download.aspx?UniqueId=${item.id}&Translate=false&tempauth=${token}`
}

/** What is somewhere else, as it is seen from here. */
function remoteFacet(view: View, target: Item): Json {
  const root = view.service.tree.rootOf(target.id)
  const drive = view.service.drives.find((each) => each.root === root) ?? view.drive
  const there = { ...view, drive }
  return {
    id: target.id,
    name: target.name,
    size: totalSize(view.service, target),
    webUrl: webUrlOf(there, target),
    createdBy: identity(drive.owner),
    lastModifiedDateTime: formatTime(modifiedOf(target, drive), drive),
    fileSystemInfo: fileSystemTimes(target, drive),
    parentReference: parentReference(there, target, false),
    shared: { scope: 'users', owner: identity(drive.owner) },
    ...kindFacet(view.service, target, drive),
  }
}

const base = (view: View, item: Item, withPath: boolean): Json => {
  const { drive, service } = view
  const cTag = cTagOf(service, item, drive)
  return {
    createdDateTime: formatTime(item.created, drive),
    eTag: eTagOf(item, drive),
    id: item.id,
    lastModifiedDateTime: formatTime(modifiedOf(item, drive), drive),
    name: item.id === drive.root ? 'root' : item.name,
    webUrl: webUrlOf(view, item),
    ...(cTag !== undefined && { cTag }),
    createdBy: identity(drive.owner),
    lastModifiedBy: identity(drive.owner),
    parentReference: parentReference(view, item, withPath),
    fileSystemInfo: fileSystemTimes(item, drive),
    ...(item.id === drive.root && { root: {} }),
  }
}

export function itemResource(view: View, item: Item, withPath = true): Json {
  const { service, drive } = view
  const { remote, malware, description } = item.facts
  const target = typeof remote === 'string' ? service.tree.get(remote) : undefined
  if (target) return { ...base(view, item, withPath), size: 0, remoteItem: remoteFacet(view, target) }
  const shared = sharedFacet(view, item)
  const readable = item.kind === 'file' && item.facts.package === undefined
  return {
    ...(readable && { '@microsoft.graph.downloadUrl': downloadUrl(view, item) }),
    ...base(view, item, withPath),
    size: totalSize(service, item),
    ...kindFacet(service, item, drive),
    ...(malware !== undefined && { malware: { description: malware } }),
    ...(description !== undefined && { description }),
    ...(shared && { shared }),
  }
}
