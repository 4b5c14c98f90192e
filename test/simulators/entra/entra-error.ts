import { randomUUID } from 'node:crypto'

export interface Answer {
  readonly status: number
  /** Sent as JSON, when there is no page. */
  readonly body: Readonly<Record<string, unknown>>
  /** What a browser is shown: HTML. */
  readonly page?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Status, error and text by the numbers of Microsoft Entra's list of AADSTS error codes. */
const known = {
  50011: [
    400,
    'invalid_request',
    "The redirect URI '{0}' specified in the request does not match the redirect URIs configured for the application '{1}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal.",
  ],
  50034: [
    400,
    'invalid_grant',
    'The user account {0} does not exist in the {1} directory. To sign into this application, the account must be added to the directory.',
  ],
  50076: [
    400,
    'invalid_grant',
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{0}'.",
  ],
  50126: [400, 'invalid_grant', 'Error validating credentials due to invalid username or password.'],
  50147: [400, 'invalid_request', 'Invalid size of Code_Challenge parameter.'],
  50173: [
    400,
    'invalid_grant',
    "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{0}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{1}'.",
  ],
  54005: [
    400,
    'invalid_grant',
    'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  ],
  65001: [
    400,
    'invalid_grant',
    "The user or administrator has not consented to use the application with ID '{0}'. Send an interactive authorization request for this user and resource.",
  ],
  65004: [400, 'access_denied', 'User declined to consent to access the app.'],
  70000: [400, 'invalid_grant', "The provided value for the input parameter '{0}' is not valid."],
  70003: [400, 'unsupported_grant_type', "The app requested an unsupported grant type '{0}'."],
  70008: [
    400,
    'invalid_grant',
    'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
  ],
  70011: [
    400,
    'invalid_scope',
    "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {0} is not valid.",
  ],
  90002: [
    400,
    'invalid_request',
    "Tenant '{0}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
  ],
  500112: [
    400,
    'invalid_client',
    "The reply address '{0}' does not match the reply address '{1}' provided when requesting Authorization code.",
  ],
  500011: [
    400,
    'invalid_resource',
    'The resource principal named {0} was not found in the tenant named {1}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.',
  ],
  501481: [
    400,
    'invalid_grant',
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  ],
  700016: [
    400,
    'unauthorized_client',
    "Application with identifier '{0}' was not found in the directory '{1}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  ],
  700005: [400, 'invalid_grant', 'Provided Authorization Code is intended to use against other tenant, thus rejected.'],
  700023: [401, 'invalid_client', 'Client assertion audience claim does not match Realm issuer.'],
  700024: [401, 'invalid_client', 'Client assertion is not within its valid time range.'],
  700027: [
    401,
    'invalid_client',
    "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - {0}, Thumbprint of key used by client: '{1}']",
  ],
  700213: [401, 'invalid_client', "No matching federated identity record found for presented assertion subject '{0}'."],
  900144: [400, 'invalid_request', "The request body must contain the following parameter: '{0}'."],
  700054: [400, 'unsupported_response_type', "response_type '{0}' is not enabled for the application."],
  1002012: [
    400,
    'invalid_scope',
    'The provided value for scope {0} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
  ],
  5002730: [401, 'invalid_client', 'Invalid JWT token. {0}'],
  7000215: [
    401,
    'invalid_client',
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{0}'.",
  ],
  7000218: [
    401,
    'invalid_client',
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  ],
} as const

export type ErrorNumber = keyof typeof known

/** What clients read to know what a user has to do. */
const suberrors = new Map<ErrorNumber, string>([
  [50076, 'basic_action'],
  [50173, 'bad_token'],
  [65001, 'consent_required'],
])

/** A refusal of the token endpoint. */
export class EntraError extends Error {
  readonly number: ErrorNumber
  readonly answer: Answer

  constructor(number: ErrorNumber, ...values: readonly string[]) {
    const [status, error, text] = known[number]
    const filled = text.replaceAll(/\{(\d)\}/g, (_, position: string) => values[Number(position)] ?? '')
    const [trace, correlation] = [randomUUID(), randomUUID()]
    const timestamp = new Date().toISOString().replace('T', ' ').replace(/\.\d+/, '')
    const description = `AADSTS${number}: ${filled} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`
    super(description)
    this.number = number
    const codes = { error_codes: [number], timestamp, trace_id: trace, correlation_id: correlation }
    const suberror = suberrors.get(number)
    this.answer = { status, body: { error, error_description: description, ...codes, ...(suberror && { suberror }) } }
  }
}
