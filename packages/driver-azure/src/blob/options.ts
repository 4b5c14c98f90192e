import { byteSize, choice, description, encoding, flag, integer, strictOptions, text } from '@filegate/core/options'
import type { z } from 'zod'
import { loginProblems } from '../credentials/login.ts'
import { disableInstanceDiscovery, loginOptions, useAz, useEmulator } from '../credentials/options.ts'

/** https://learn.microsoft.com/rest/api/storageservices/put-block: the largest block of the protocol. */
export const largestBlock = 4000 * 1_048_576

const tiers = ['', 'hot', 'cool', 'cold', 'archive'] as const
export type Tier = (typeof tiers)[number]

const each = strictOptions({
  ...loginOptions,
  use_az: useAz(),
  use_emulator: useEmulator(),
  disable_instance_discovery: disableInstanceDiscovery(),
  access_tier: text()
    .transform((value) => value.trim().toLowerCase())
    .refine((value): value is Tier => tiers.some((tier) => tier === value), {
      error: 'must be one of: hot, cool, cold, archive',
    })
    .describe('Tier of new and copied blobs: hot, cool, cold or archive. Empty: that of the account.'),
  archive_tier_delete: flag()
    .prefault(false)
    .describe('Delete a blob that lies in the archive before it is written anew, which Azure refuses otherwise.'),
  chunk_size: byteSize({ minimum: 1, maximum: largestBlock })
    .prefault('4194304')
    .describe('Size of a block. What is smaller goes in one request. It grows where a blob would have too many.'),
  upload_concurrency: integer({ minimum: 1, maximum: 256 })
    .prefault(16)
    .describe('Blocks of a blob under way at once; each takes up the memory of a block.'),
  disable_checksum: flag()
    .prefault(false)
    .describe('Do not keep an MD5 of blobs that are uploaded in blocks: Azure makes none of them itself.'),
  list_chunk: integer({ minimum: 1, maximum: 5000 }).prefault(5000).describe('Entries that a page of a listing holds.'),
  delete_snapshots: choice(['', 'include', 'only'])
    .default('')
    .describe(
      'When a blob with snapshots is deleted: include deletes them too, only deletes just them. Empty: it is refused.',
    ),
  public_access: choice(['', 'blob', 'container'])
    .default('')
    .describe('What everybody may do in containers that are made: blob to read, container to list besides.'),
  no_check_container: flag()
    .prefault(false)
    .describe('Take it that containers exist: neither look for them nor make them.'),
  no_head_object: flag()
    .prefault(false)
    .describe(
      'Do not ask with HEAD about a blob, but with a GET of its first byte; tiers and the archive still need HEAD.',
    ),
  directory_markers: flag().prefault(false).describe('Keep empty directories, as empty blobs whose name ends in /.'),
  encoding: encoding(21_078_018),
  upload_cutoff: text().meta({ deprecated: true }).describe('Without effect: chunk_size decides.'),
  memory_pool_flush_time: integer().prefault(60).meta({ deprecated: true }).describe('Without effect.'),
  memory_pool_use_mmap: flag().prefault(false).meta({ deprecated: true }).describe('Without effect.'),
  description: description(),
})

export type BlobOptions = z.output<typeof each>

export const options = each.superRefine((given, context) => {
  for (const [option, message] of loginProblems(given, 'blob')) {
    context.addIssue({ code: 'custom', path: [option], message })
  }
})
