import {
  arrayMember,
  booleanMember,
  isObject,
  type JsonObject,
  objectMember,
  parseJsonObject,
  textMember,
} from '../gcs/json.ts'
import { badRequest, DriveError, notWritable } from './drive-error.ts'
import { isFileMember } from './resource-fields.ts'

/** What may be said of a file. */
export interface FileBody {
  readonly id: string | undefined
  readonly name: string | undefined
  readonly mimeType: string | undefined
  readonly parents: readonly string[] | undefined
  readonly createdTime: number | undefined
  readonly modifiedTime: number | undefined
  readonly viewedByMeTime: number | undefined
  readonly trashed: boolean | undefined
  readonly starred: boolean | undefined
  readonly description: string | undefined
  readonly folderColorRgb: string | undefined
  readonly originalFilename: string | undefined
  readonly copyRequiresWriterPermission: boolean | undefined
  readonly writersCanShare: boolean | undefined
  readonly properties: Readonly<Record<string, string | null>> | undefined
  readonly appProperties: Readonly<Record<string, string | null>> | undefined
  readonly shortcutTarget: string | undefined
  /** Names of all members that were said. */
  readonly said: ReadonlySet<string>
}

/** The members that the reference does not call output only. `kind` is passed over. */
const writable = new Set(
  'id name mimeType parents createdTime modifiedTime viewedByMeTime trashed starred description folderColorRgb originalFilename copyRequiresWriterPermission viewersCanCopyContent writersCanShare properties appProperties shortcutDetails contentHints kind'.split(
    ' ',
  ),
)

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

export function timeMember(body: JsonObject, name: string): number | undefined {
  const text = textMember(body, name)
  if (text === undefined) return undefined
  const time = Date.parse(text)
  if (!rfc3339.test(text) || Number.isNaN(time))
    throw new DriveError(400, 'invalid', `Invalid value for: Invalid format: "${text}"`)
  // Drive keeps milliseconds, and cuts what is finer.
  return Math.floor(time)
}

function pairsMember(body: JsonObject, name: string): Record<string, string | null> | undefined {
  const pairs = objectMember(body, name)
  if (!pairs) return undefined
  return Object.fromEntries(
    Object.entries(pairs).map(([key, value]) => {
      if (typeof value !== 'string' && value !== null) throw badRequest(`Invalid value for ${name}.${key}.`)
      // developers.google.com/workspace/drive/api/guides/properties
      if (Buffer.byteLength(key + (value ?? '')) > 124)
        throw badRequest('A property may have 124 bytes, key and value together.')
      return [key, value]
    }),
  )
}

/** @throws 400 for members that no file has, 403 for those that are only shown */
export function readFileBody(body: JsonObject): FileBody {
  const said = new Set(Object.keys(body))
  for (const name of said) {
    if (!isFileMember(name))
      throw new DriveError(
        400,
        'badRequest',
        `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`,
      )
    if (!writable.has(name)) throw notWritable()
  }
  const shortcut = objectMember(body, 'shortcutDetails')
  for (const name of Object.keys(shortcut ?? {})) if (name !== 'targetId') throw notWritable()
  const canCopy = booleanMember(body, 'viewersCanCopyContent')
  return {
    id: textMember(body, 'id'),
    name: textMember(body, 'name'),
    mimeType: textMember(body, 'mimeType'),
    parents: textsMember(body, 'parents'),
    createdTime: timeMember(body, 'createdTime'),
    modifiedTime: timeMember(body, 'modifiedTime'),
    viewedByMeTime: timeMember(body, 'viewedByMeTime'),
    trashed: booleanMember(body, 'trashed'),
    starred: booleanMember(body, 'starred'),
    description: textMember(body, 'description'),
    folderColorRgb: textMember(body, 'folderColorRgb'),
    originalFilename: textMember(body, 'originalFilename'),
    copyRequiresWriterPermission:
      booleanMember(body, 'copyRequiresWriterPermission') ?? (canCopy === undefined ? undefined : !canCopy),
    writersCanShare: booleanMember(body, 'writersCanShare'),
    properties: pairsMember(body, 'properties'),
    appProperties: pairsMember(body, 'appProperties'),
    shortcutTarget: shortcut && textMember(shortcut, 'targetId'),
    said,
  }
}

export function textsMember(body: JsonObject, name: string): readonly string[] | undefined {
  return arrayMember(body, name)?.map((one) => {
    if (typeof one !== 'string') throw badRequest(`Invalid value for ${name}.`)
    return one
  })
}

/** Bodies of metadata are JSON, and say so. */
export function jsonBody(bytes: Buffer, contentType: string | undefined): JsonObject {
  if (bytes.length > 0 && !/^application\/json\b/i.test(contentType ?? ''))
    throw badRequest(`Unsupported content with type: ${contentType ?? 'application/octet-stream'}`)
  const body = parseJsonObject(bytes)
  return isObject(body) ? body : {}
}
