import {
  credentialsFile,
  description,
  encoding,
  flag,
  jsonText,
  secretText,
  strictOptions,
  text,
} from '@filegate/core/options'
import type { z } from 'zod'
import { serviceAccountKey, tokenBlob } from '@filegate/core/oauth'
import { problemsTogether } from './options-together.ts'

/** Names that the vendor makes up later must work too, so no list of values is closed. */
const each = strictOptions({
  service_account_credentials: jsonText(serviceAccountKey).describe(
    'The key of a service account, as the JSON that Google gives out.',
  ),
  service_account_file: credentialsFile().describe('The file with the key of a service account.'),
  anonymous: flag().prefault(false).describe('Log in not at all, which reads public buckets.'),
  env_auth: flag()
    .prefault(false)
    .meta({ machineCredentials: true })
    .describe(
      'Log in with what the machine this runs on has: application default credentials. A server allows it with --credentials-dir only.',
    ),
  access_token: secretText().describe('An access token to be used as it is, until it expires.'),
  token: jsonText(tokenBlob).describe('A token of OAuth, as a JSON blob with access_token, refresh_token and expiry.'),
  client_id: text().describe(
    'The OAuth client that the token was given to, or is to be. Empty: the one that the server is set up with.',
  ),
  client_secret: secretText().describe('The secret of the OAuth client.'),
  client_credentials: flag()
    .prefault(false)
    .describe('Log in as the OAuth client itself (RFC 6749, section 4.4), at token_url.'),
  auth_url: text().describe('Where a user allows access, in place of the page of Google.'),
  token_url: text().describe('Where tokens are renewed, in place of the address of Google.'),
  project_number: text().describe('The project whose buckets are listed and in which new ones are made.'),
  user_project: text().describe('The project that pays for requests to buckets that make the reader pay.'),
  object_acl: text().describe('Predefined access list of new and copied objects. Empty: private.'),
  bucket_acl: text().describe('Predefined access list of new buckets. Empty: private.'),
  bucket_policy_only: flag()
    .prefault(false)
    .describe('Set no access lists on objects, as buckets with uniform access want it; new buckets are of that kind.'),
  location: text().describe('Where new buckets are made, such as eu or us-central1.'),
  storage_class: text().describe('Storage class of new buckets and of new and copied objects, such as NEARLINE.'),
  directory_markers: flag().prefault(false).describe('Keep empty directories, as empty objects whose key ends in /.'),
  no_check_bucket: flag().prefault(false).describe('Take it that buckets exist: neither look for them nor make them.'),
  decompress: flag()
    .prefault(false)
    .describe('Show objects stored with gzip as what is in them. Their size is unknown then.'),
  endpoint: text().describe('Host or URL of the service, in place of storage.googleapis.com.'),
  encoding: encoding(50_348_034),
  description: description(),
})

export type GcsOptions = z.output<typeof each>

export const options = each.superRefine((given, context) => {
  for (const [option, message] of problemsTogether(given)) context.addIssue({ code: 'custom', path: [option], message })
})
