import { randomUUID } from 'node:crypto'
import { checkAssertion } from './client-assertion.ts'
import { type Application, type Directory, isKnownResource, issueToken, type User } from './directory.ts'
import { type Answer, EntraError } from './entra-error.ts'

/** The body of a request to the token endpoint, a form. */
export type Form = URLSearchParams

export interface TokenRequest {
  readonly form: Form
  readonly directory: Directory
  /** `https://HOST/TENANT` as the client has it. */
  readonly authority: string
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

function required(form: Form, name: string): string {
  const value = form.get(name)
  if (!value) throw new EntraError(900144, name)
  return value
}

/** What the scope of a request is for, beside what is for signing in. */
function resourceOf({ form, directory }: TokenRequest): string {
  const signingIn = ['openid', 'profile', 'offline_access', 'email']
  const scope = required(form, 'scope')
  const scopes = scope.split(' ').filter((each) => each !== '' && !signingIn.includes(each))
  const [first = ''] = scopes
  if (scopes.length !== 1 || !first.endsWith('/.default')) throw new EntraError(1002012, scope)
  const resource = first.slice(0, -'/.default'.length)
  if (!isKnownResource(directory, resource)) throw new EntraError(500011, resource, directory.tenant)
  return resource
}

function applicationOf({ form, directory }: TokenRequest): Application {
  const clientId = required(form, 'client_id')
  const application = directory.applications.find((each) => each.clientId === clientId)
  if (application === undefined) throw new EntraError(700016, clientId, directory.tenant)
  return application
}

/** @returns how the application proved itself, as the claim appidacr has it */
function checkApplication(request: TokenRequest, application: Application): '1' | '2' {
  const { form, authority } = request
  const [secret, assertion] = [form.get('client_secret'), form.get('client_assertion')]
  if (secret !== null) {
    if (secret !== application.secret) throw new EntraError(7000215, application.clientId)
    return '1'
  }
  if (assertion === null || form.get('client_assertion_type') !== assertionType) throw new EntraError(7000218)
  checkAssertion(assertion, application, [
    `${authority}/oauth2/v2.0/token`,
    `${authority}/oauth2/token`,
    `${authority}/v2.0`,
  ])
  return '2'
}

function clientCredentials(request: TokenRequest): Answer {
  const { directory } = request
  const application = applicationOf(request)
  const proof = checkApplication(request, application)
  const resource = resourceOf(request)
  const objectId = `object-of-${application.clientId}`
  const claims = { appidacr: proof, idtyp: 'app' }
  return granted(directory, issueToken(directory, { resource, clientId: application.clientId, objectId, claims }), {})
}

function password(request: TokenRequest): Answer {
  const { form, directory, authority } = request
  const { clientId } = applicationOf(request)
  const user = userOf(request)
  const resource = resourceOf(request)
  const objectId = `object-of-${user.name}`
  const claims = { appidacr: '0', upn: user.name, unique_name: user.name, scp: 'user_impersonation', idtyp: 'user' }
  const issued = Math.floor(Date.now() / 1000)
  const identity = directory.key.sign({
    aud: clientId,
    iss: `${authority}/v2.0`,
    iat: issued,
    nbf: issued,
    exp: issued + directory.lifetime,
    oid: objectId,
    sub: objectId,
    tid: directory.tenant,
    preferred_username: user.name,
    ver: '2.0',
  })
  const account = { uid: objectId, utid: directory.tenant }
  return granted(directory, issueToken(directory, { resource, clientId, objectId, claims }), {
    scope: `${resource}/user_impersonation ${resource}/.default`,
    id_token: identity,
    client_info: Buffer.from(JSON.stringify(account)).toString('base64url'),
    ...((form.get('scope') ?? '').includes('offline_access') && { refresh_token: randomUUID() }),
  })
}

function userOf({ form, directory }: TokenRequest): User {
  const name = required(form, 'username')
  const secret = required(form, 'password')
  const user = directory.users.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (user === undefined) throw new EntraError(50034, name, directory.tenant)
  if (user.password !== secret) throw new EntraError(50126)
  if (user.needsSecondFactor) throw new EntraError(50076, required(form, 'client_id'))
  return user
}

const granted = ({ lifetime }: Directory, token: string, more: Readonly<Record<string, string>>): Answer => ({
  status: 200,
  body: { token_type: 'Bearer', expires_in: lifetime, ext_expires_in: lifetime, access_token: token, ...more },
})

const grants = new Map([
  ['client_credentials', clientCredentials],
  ['password', password],
])

/** `POST /TENANT/oauth2/v2.0/token` */
export function requestToken(request: TokenRequest): Answer {
  const type = required(request.form, 'grant_type')
  const grant = grants.get(type)
  if (grant === undefined) throw new EntraError(70003, type)
  return grant(request)
}
