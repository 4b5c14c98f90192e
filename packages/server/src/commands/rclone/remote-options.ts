import type { OptionRow } from '@filegate/core/options'
import type { Remote } from './config-text.ts'
import { reveal } from './obscured.ts'

/** The options that rclone writes obscured, by the type of the remote. */
const obscured: Readonly<Record<string, readonly string[]>> = {
  azureblob: ['client_certificate_password', 'password'],
  azurefiles: ['client_certificate_password', 'password'],
  fichier: ['file_password', 'folder_password'],
  filescom: ['password'],
  ftp: ['pass'],
  iclouddrive: ['password'],
  koofr: ['password'],
  mailru: ['pass'],
  mega: ['pass'],
  netstorage: ['secret'],
  opendrive: ['password'],
  pcloud: ['password'],
  pikpak: ['pass'],
  protondrive: ['password', 'mailbox_password'],
  seafile: ['pass', 'library_key'],
  sftp: ['pass', 'key_file_pass'],
  sia: ['api_password'],
  smb: ['pass'],
  ulozto: ['password'],
  webdav: ['pass'],
}

/** The options that are sizes. Digits alone are KiB in rclone, and bytes with us. */
const sizes: ReadonlySet<string> = new Set([
  'chunk_size',
  'upload_cutoff',
  'copy_cutoff',
  'v2_download_min_size',
  'md5_memory_limit',
  'hash_memory_limit',
  'upload_resume_limit',
  'speedup_max_disk',
  'speedup_max_memory',
  'minimal_chunk_size',
  'maximal_summary_chunk_size',
  'max_stream_size',
])

export interface RemoteOptions {
  readonly options: Readonly<Record<string, string>>
  /** Names of what the provider here does not know. */
  readonly leftOut: readonly string[]
  /** Names of passwords that could not be revealed. */
  readonly unreadable: readonly string[]
}

/** The type of a remote as the slug of a provider. */
export const slugOf = ({ values }: Remote): string => (values.get('type') ?? '').replaceAll(' ', '-')

/** What is configured for a remote, as options of the provider with these rows. */
export function optionsOfRemote(remote: Remote, rows: readonly OptionRow[]): RemoteOptions {
  const known = new Set(rows.map(({ name }) => name))
  const given = [...remote.values].filter(([name, value]) => name !== 'type' && value !== '')
  const hidden = obscured[slugOf(remote)] ?? []
  const options: Record<string, string> = {}
  const unreadable: string[] = []
  for (const [name, value] of given.filter(([name]) => known.has(name))) {
    const plain = hidden.includes(name) ? reveal(value) : inBytes(name, value)
    if (plain === undefined) unreadable.push(name)
    else options[name] = plain
  }
  // A required option that rclone leaves empty is one that it has a default for.
  for (const { name, required } of rows) if (required) options[name] ??= ''
  if (known.has('description')) options['description'] ||= `${remote.name}, imported from rclone`
  return { options, unreadable, leftOut: given.map(([name]) => name).filter((name) => !known.has(name)) }
}

const inBytes = (name: string, value: string): string => (sizes.has(name) && /^\d+$/.test(value) ? `${value}Ki` : value)
