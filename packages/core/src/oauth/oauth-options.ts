import { flag } from '../options/scalars.ts'
import { secretText, text } from '../options/scalars.ts'
import { jsonText } from '../options/json-text.ts'
import { tokenBlob } from './token-blob.ts'

/** The options that every provider with OAuth has. */
export const oauthOptions = () => ({
  token: jsonText(tokenBlob).describe('A token of OAuth, as a JSON blob with access_token, refresh_token and expiry.'),
  client_id: text().describe('The OAuth client. Empty: the one that the server is set up with.'),
  client_secret: secretText().describe('The secret of the OAuth client.'),
  client_credentials: flag()
    .prefault(false)
    .describe('Log in as the OAuth client itself (RFC 6749, section 4.4), at token_url.'),
  auth_url: text().describe('Where a user allows access, in place of the page of the vendor.'),
  token_url: text().describe('Where tokens are given out, in place of the address of the vendor.'),
})
