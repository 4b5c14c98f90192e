import { oauthOptions, serviceAccountKey } from '@filegate/core/oauth'
import {
  byteSize,
  credentialsFile,
  description,
  encoding,
  flag,
  integer,
  jsonText,
  pacerInteger,
  secretText,
  strictOptions,
  text,
  wordList,
} from '@filegate/core/options'
import type { z } from 'zod'
import { metadataChoice } from './metadata-choice.ts'
import { problemsTogether } from './options-together.ts'

const { token, client_id, client_secret, client_credentials, auth_url, token_url } = oauthOptions()

const each = strictOptions({
  client_id,
  client_secret,
  token,
  auth_url,
  token_url,
  client_credentials,
  scope: wordList('either')
    .prefault('')
    .describe(
      'What a user is asked for: drive, drive.readonly, drive.file, drive.appfolder, drive.metadata.readonly, with commas. Empty: drive. A token has the scope that it was given out for.',
    ),
  service_account_credentials: jsonText(serviceAccountKey).describe(
    'The key of a service account, as the JSON that Google gives out. It goes before a token.',
  ),
  service_account_file: credentialsFile().describe('The file with the key of a service account.'),
  impersonate: text().describe('The user in whose name a service account acts, where the domain allows that.'),
  env_auth: flag()
    .prefault(false)
    .meta({ machineCredentials: true })
    .describe(
      'Log in with what the machine this runs on has: application default credentials. A server allows it with --credentials-dir only.',
    ),
  root_folder_id: text().describe('The folder that is shown as the root. Empty: all of the drive.'),
  team_drive: text().describe('The id of the shared drive to show.'),
  resource_key: secretText().describe(
    'The key that belongs to root_folder_id, where that was shared by a link with one.',
  ),
  shared_with_me: flag()
    .prefault(false)
    .describe('Show what others share with this account, at the root; nothing can be made there.'),
  starred_only: flag()
    .prefault(false)
    .describe('Show at the root what is starred, wherever it lies. What is made there is starred.'),
  trashed_only: flag()
    .prefault(false)
    .describe('Show what lies in the trash, in its folders. Files can be removed for good, nothing else be changed.'),
  auth_owner_only: flag().prefault(false).describe('Show only files that this account owns. Folders are shown all.'),
  skip_gdocs: flag().prefault(false).describe('Do not show Google documents.'),
  show_all_gdocs: flag()
    .prefault(false)
    .describe(
      'Show every Google document under its own name, those too that cannot be exported. They can be copied and moved, and not read.',
    ),
  export_formats: wordList('comma')
    .prefault('docx,xlsx,pptx,svg')
    .describe(
      'As what Google documents are shown and read: endings, the first that a document can be exported as. url, link.html, desktop and webloc are small files that lead to it.',
    ),
  formats: wordList('comma').prefault('').meta({ deprecated: true }).describe('The old name of export_formats.'),
  import_formats: wordList('comma')
    .prefault('')
    .describe('Endings of uploads that are turned into Google documents, such as docx,csv.'),
  allow_import_name_change: flag()
    .prefault(false)
    .describe('Turn uploads into Google documents also where these are then shown with another ending.'),
  alternate_export: flag().prefault(false).meta({ deprecated: true }).describe('Has no effect any more.'),
  skip_shortcuts: flag().prefault(false).describe('Do not show shortcuts.'),
  skip_dangling_shortcuts: flag().prefault(false).describe('Do not show shortcuts to what is gone.'),
  copy_shortcut_content: flag()
    .prefault(false)
    .describe('Copy what a shortcut leads to, in place of the shortcut itself.'),
  use_created_date: flag()
    .prefault(false)
    .describe('Show when a file was made, in place of when it was modified. Times can then not be changed.'),
  use_shared_date: flag()
    .prefault(false)
    .describe('Show when a file was shared with this account, where it was. Times can then not be changed.'),
  size_as_quota: flag()
    .prefault(false)
    .describe('Show what a file takes of the quota as its size; all its kept revisions count.'),
  skip_checksum_gphotos: flag()
    .prefault(false)
    .describe('Show no hashes of what lies in Google Photos, which are wrong at times.'),
  metadata_owner: metadataChoice('1').describe(
    'read shows who owns a file; write gives copies to the owner of what was copied. failok: go on where that fails.',
  ),
  metadata_permissions: metadataChoice('0').describe(
    'read shows with whom a file is shared (?stat), which takes a call more, and tells the log what a copy lacks; write shares copies with whom their source is shared. failok: go on where that fails.',
  ),
  metadata_labels: metadataChoice('0').describe(
    'read shows the labels of a file (?stat), which takes a call more, and tells the log what a copy lacks; write puts the labels of what was copied on copies. failok: go on where that fails.',
  ),
  use_trash: flag().prefault(true).describe('Put what is removed into the trash; otherwise it is gone for good.'),
  keep_revision_forever: flag()
    .prefault(false)
    .describe('Keep every revision that is written. Otherwise Google drops old ones after 30 days or 100 revisions.'),
  upload_cutoff: byteSize().prefault('8388608').describe('From how many bytes on uploads are sent in chunks.'),
  chunk_size: byteSize({ minimum: 262_144, maximum: 1_073_741_824 })
    .prefault('8388608')
    .describe('Bytes in a chunk of an upload, a power of two. One is held in memory for each upload.'),
  v2_download_min_size: byteSize({ canBeOff: true })
    .prefault('-1')
    .describe('From how many bytes on files are downloaded by the older API. -1: never.'),
  acknowledge_abuse: flag()
    .prefault(false)
    .describe('Download files also where Google says that they are malware or spam.'),
  stop_on_upload_limit: flag()
    .prefault(false)
    .describe('Do not try again where the quota, or what may be uploaded in a day, is used up.'),
  stop_on_download_limit: flag()
    .prefault(false)
    .describe('Do not try again where what may be downloaded in a day is used up.'),
  list_chunk: integer({ minimum: 0, maximum: 1000 })
    .prefault(1000)
    .describe('Items in a page of a listing, from 100 to 1000. 0: what Google takes by itself.'),
  fast_list_bug_fix: flag()
    .prefault(true)
    .describe('Ask about folders one by one where Google finds nothing in several at once, which at times is wrong.'),
  pacer_min_sleep: pacerInteger(0.1).describe(
    'Seconds between two requests, once pacer_burst is used up. 0: 0.1 seconds.',
  ),
  pacer_burst: integer({ minimum: 0 }).prefault(100).describe('Requests that may be made at once after a quiet time.'),
  server_side_across_configs: flag()
    .prefault(false)
    .describe(
      'Let Google copy files to and from other connections that have this set, too, where the login of the destination may read them.',
    ),
  disable_http2: flag()
    .prefault(true)
    .meta({ deprecated: true })
    .describe('Has no effect: HTTP/1.1 is spoken in any case.'),
  encoding: encoding(16_777_216),
  description: description(),
})

export type DriveOptions = z.output<typeof each>

export const options = each.superRefine((given, context) => {
  for (const [option, message] of problemsTogether(given)) context.addIssue({ code: 'custom', path: [option], message })
})
