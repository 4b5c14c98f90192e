import {
  byteSize,
  choice,
  description,
  duration,
  encoding,
  flag,
  integer,
  strictOptions,
  text,
} from '@filegate/core/options'
import { oauthOptions } from '@filegate/core/oauth'
import type { z } from 'zod'
import { tokenOption } from './bare-token.ts'
import { problemsTogether } from './options-together.ts'

/** The vendor takes so many bytes in one request. */
const longestRequest = 150 * 1_048_576

const each = strictOptions({
  ...oauthOptions(),
  token: tokenOption().describe(
    'A token of OAuth, as a JSON blob with access_token, refresh_token and expiry, or an access token alone.',
  ),
  chunk_size: byteSize({ minimum: 1, maximum: longestRequest })
    .prefault('50331648')
    .describe('Bytes of an upload that are held in memory and sent in one request, at most 150 MiB.'),
  impersonate: text().describe(
    'Work as this member of the team, by e-mail address. The token has to be one of a team, with members.read.',
  ),
  root_namespace: text().describe('The id of the namespace that stands at the root, such as that of a team space.'),
  shared_files: flag()
    .prefault(false)
    .describe('Show the files that others share one by one, to be read and nothing else.'),
  shared_folders: flag()
    .prefault(false)
    .describe('Show the folders that are shared; one that is gone into is mounted in the account.'),
  batch_mode: choice(['off', 'sync', 'async'])
    .default('sync')
    .describe(
      'How uploads are finished: off, each alone; sync, together, each waiting for its result; async, together, while failures are only logged.',
    ),
  batch_size: integer({ minimum: 0, maximum: 1000 })
    .prefault(0)
    .describe('Files finished together at most. 0: with sync, as many as are being uploaded; with async, 100.'),
  batch_timeout: duration({ maximum: 300 })
    .prefault(0)
    .describe(
      'Seconds without a new file after which a batch is finished, or with batch_mode sync and a batch_size of 0 since its first file. 0: 0.5 with sync, 10 with async.',
    ),
  batch_commit_timeout: duration()
    .prefault(600)
    .meta({ deprecated: true })
    .describe('Has no effect: the vendor answers at once since it finishes batches in one call.'),
  pacer_min_sleep: duration().prefault(0).describe('Seconds between two calls. 0: 0.01.'),
  encoding: encoding(52_469_762),
  description: description(),
})

export type DropboxOptions = z.output<typeof each>

export const options = each.superRefine((given, context) => {
  for (const [option, message] of problemsTogether(given)) context.addIssue({ code: 'custom', path: [option], message })
})
