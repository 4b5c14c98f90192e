import { type FileTime, now, parseTime } from './file-time.ts'
import type { ServiceRequest } from './request.ts'
import { invalidHeader, missingHeader, ServiceError } from './service-error.ts'
import type { EntryNode } from './tree.ts'

const known = [
  'None',
  'ReadOnly',
  'Hidden',
  'System',
  'Archive',
  'Temporary',
  'Offline',
  'NotContentIndexed',
  'NoScrubData',
]
const knownAttributes = new Map([...known, 'Directory'].map((name) => [name.toLowerCase(), name]))
/** Before this version what SMB must know had to be said with every creation and change. */
const optionalSince = '2021-06-08'
const needed = ['x-ms-file-attributes', 'x-ms-file-creation-time', 'x-ms-file-last-write-time'] as const
const longestPermission = 8192

export type Occasion = 'creation' | 'change' | 'move'

/** What the headers of a request say about an entry. What they do not name stays. */
export function applySmbProperties(entry: EntryNode, request: ServiceRequest, occasion: Occasion): void {
  if (request.version < optionalSince && occasion !== 'move') requireAll(request)
  entry.attributes = attributesOf(entry, request, occasion)
  entry.created = timeOf(request, 'x-ms-file-creation-time', entry.created)
  entry.written = timeOf(request, 'x-ms-file-last-write-time', entry.written)
  entry.changed = timeOf(request, 'x-ms-file-change-time', now())
  entry.permissionKey = permissionOf(request) ?? entry.permissionKey
}

function requireAll(request: ServiceRequest): void {
  for (const name of needed) if (request.header(name) === undefined) throw missingHeader(name)
  if ((request.header('x-ms-file-permission') ?? request.header('x-ms-file-permission-key')) === undefined)
    throw missingHeader('x-ms-file-permission')
}

function attributesOf(entry: EntryNode, request: ServiceRequest, occasion: Occasion): readonly string[] {
  const header = 'x-ms-file-attributes'
  const value = request.header(header)
  if (value === undefined || value.toLowerCase() === 'preserve') return entry.attributes
  const given = value.split('|').map((part) => {
    const name = knownAttributes.get(part.trim().toLowerCase())
    if (name === undefined || (name === 'Directory' && entry.kind === 'file')) throw invalidHeader(header, value)
    return name
  })
  const implied = entry.kind === 'directory' ? ['Directory'] : occasion === 'creation' ? ['Archive'] : []
  const attributes = new Set([...given.filter((name) => name !== 'None'), ...implied])
  return attributes.size === 0 ? ['None'] : [...attributes]
}

/** `now`, `preserve` or a time. */
export function timeOf(request: ServiceRequest, header: string, current: FileTime): FileTime {
  const value = request.header(header)
  if (value === undefined || value.toLowerCase() === 'preserve') return current
  return value.toLowerCase() === 'now' ? now() : parseTime(header, value)
}

/** Permissions are not simulated; what is said about them must be sound all the same. */
function permissionOf(request: ServiceRequest): string | undefined {
  const permission = request.header('x-ms-file-permission')
  const key = request.header('x-ms-file-permission-key')
  if (permission !== undefined && key !== undefined) throw new ServiceError('InvalidInput')
  if (permission !== undefined && permission.length > longestPermission)
    throw invalidHeader('x-ms-file-permission', permission)
  return key === 'preserve' ? undefined : key
}

/** A file or directory that is read-only is not overwritten, renamed over or deleted. */
export function refuseReadOnly(entry: EntryNode): void {
  if (entry.attributes.includes('ReadOnly')) throw new ServiceError('ReadOnlyAttribute')
}
