import { parseByteSize } from '@filegate/core'
import { oauthOptions } from '@filegate/core/oauth'
import {
  choice,
  description,
  encoding,
  flag,
  integer,
  parsedOption,
  secretText,
  strictOptions,
  text,
} from '@filegate/core/options'
import type { z } from 'zod'
import { regions } from './clouds.ts'
import { problemsTogether } from './options-together.ts'
import { permissionBits } from './permission-bits.ts'
import { scopeList } from './scopes.ts'

/** A fragment has a multiple of so many bytes: https://learn.microsoft.com/graph/api/driveitem-createuploadsession. */
const fragmentUnit = 327_680
const largestFragment = 262_144_000

const each = strictOptions({
  ...oauthOptions(),
  access_scopes: scopeList().describe('The scopes that a user is asked for, with spaces between them.'),
  av_override: flag().prefault(false).describe('Read files that the service takes for infected, too.'),
  chunk_size: parsedOption(
    'string',
    `must be a multiple of 320 KiB, such as 10M, of at most 250M`,
    (value): number | undefined => {
      const size = parseByteSize(String(value))
      return size !== undefined && size > 0 && size <= largestFragment && size % fragmentUnit === 0 ? size : undefined
    },
  )
    .prefault('10485760')
    .describe(
      'Bytes that are uploaded at once, and that an upload holds in memory: a multiple of 320 KiB, at most 250 MiB.',
    ),
  delta: flag()
    .prefault(false)
    .describe('List everything below a directory with the list of changes of the whole drive, in few calls.'),
  description: description(),
  disable_site_permission: flag()
    .prefault(false)
    .meta({ deprecated: true })
    .describe('Leave Sites.Read.All out of the scopes; access_scopes says it better.'),
  drive_id: text().describe('The drive to use. Empty: the own drive of the account.'),
  drive_type: choice(['', 'personal', 'business', 'documentLibrary'])
    .prefault('')
    .describe('What kind of drive it is: personal, business or documentLibrary. Empty: as the service says.'),
  encoding: encoding(57_386_894),
  expose_onenote_files: flag()
    .prefault(false)
    .describe('Show notebooks of OneNote, which can be neither read nor replaced.'),
  hard_delete: flag().prefault(false).describe('Remove for good, past the recycle bin; not on personal drives.'),
  hash_type: choice(['auto', 'quickxor', 'sha1', 'sha256', 'crc32', 'none'])
    .prefault('auto')
    .describe(
      'Which digest is told of files: auto is quickxor, which all drives have. One of: auto, quickxor, sha1, sha256, crc32, none.',
    ),
  link_password: secretText().describe(
    'The password of links that are made; personal accounts that are paid for have it.',
  ),
  link_scope: choice(['anonymous', 'organization'])
    .prefault('anonymous')
    .describe('Who can use links that are made: anonymous (anybody) or organization.'),
  link_type: choice(['view', 'edit', 'embed'])
    .prefault('view')
    .describe('What links that are made allow: view, edit or embed.'),
  list_chunk: integer({ minimum: 1, maximum: 1000 })
    .prefault(1000)
    .describe('Entries that a listing asks for at once.'),
  metadata_permissions: permissionBits().describe(
    'Permissions: off, or some of read (?stat shows those of a file, which takes one or two calls more, and the log tells which a copy lacks), write (a copy is given those of the original) and failok (a failure with them is only logged).',
  ),
  no_versions: flag()
    .prefault(false)
    .describe('Remove the older versions of a file after each change; not on personal drives.'),
  region: choice(regions).prefault('global').describe('The cloud of Microsoft: global, us, de or cn.'),
  root_folder_id: text().describe('The id of the folder to use as the root. Empty: the root of the drive.'),
  server_side_across_configs: flag()
    .prefault(false)
    .describe(
      'Let the service copy between different drives, shared folders among them, whatever kind they are of; and files to and from other connections that have this set, too, where the login of the destination may read them.',
    ),
  tenant: text().describe('The directory of the organization, as id or domain; client_credentials needs it.'),
})

export type OneDriveOptions = z.output<typeof each>

export const options = each.superRefine((given, context) => {
  for (const [option, message] of problemsTogether(given)) context.addIssue({ code: 'custom', path: [option], message })
})
