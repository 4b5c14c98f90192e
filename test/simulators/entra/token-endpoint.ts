import { randomUUID } from 'node:crypto'
import { checkAssertion } from './client-assertion.ts'
import { type Application, type Directory, isKnownResource, issueToken, type User } from './directory.ts'
import { type Answer, EntraError } from './entra-error.ts'
import { type Consent, type Grants, giveRefresh, redeemCode, redeemRefresh } from './grants.ts'
import { askedScopes } from './scopes.ts'

/** The body of a request to the token endpoint, a form. */
export type Form = URLSearchParams

export interface TokenRequest {
  readonly form: Form
  readonly directory: Directory
  readonly grants: Grants
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
  const claims = { appidacr: proof, idtyp: 'app', ...(application.roles && { roles: application.roles }) }
  return granted(directory, issueToken(directory, { resource, clientId: application.clientId, objectId, claims }), {})
}

/** One without anything to prove itself by is a public client, such as a program on the machine of its user. */
function checkClient(request: TokenRequest, application: Application): '0' | '1' | '2' {
  const { secret, certificates, federated } = application
  const isPublic = secret === undefined && certificates === undefined && federated === undefined
  if (isPublic && request.form.get('client_secret') === null) return '0'
  return checkApplication(request, application)
}

function authorizationCode(request: TokenRequest): Answer {
  const { form, grants } = request
  const application = applicationOf(request)
  const redirectUri = required(form, 'redirect_uri')
  const code = required(form, 'code')
  const proof = checkClient(request, application)
  const { clientId } = application
  const consent = redeemCode(grants, code, { clientId, redirectUri, verifier: form.get('code_verifier') })
  return onBehalfOf(request, consent, proof)
}

function refreshToken(request: TokenRequest): Answer {
  const application = applicationOf(request)
  const text = required(request.form, 'refresh_token')
  const proof = checkClient(request, application)
  return onBehalfOf(request, redeemRefresh(request.grants, text, application.clientId), proof)
}

/** Tokens for what a user allowed, or for the part of it that is asked for. Each time there is a new refresh token as well. */
function onBehalfOf({ form, directory, grants, authority }: TokenRequest, consent: Consent, proof: string): Answer {
  const asked = askedScopes(form.get('scope') ?? '', new URL(authority).hostname, directory.resources)
  const wanted = asked.scopes.filter((scope) => scope !== '.default')
  if (
    wanted.some((scope) => !consent.scopes.includes(scope)) ||
    (wanted.length > 0 && asked.resource !== consent.resource)
  )
    throw new EntraError(65001, consent.clientId)
  const scopes = wanted.length === 0 ? consent.scopes : wanted
  return granted(directory, userToken(directory, { ...consent, scopes }, proof), {
    scope: scopes.map((scope) => `${consent.resource}/${scope}`).join(' '),
    ...(consent.offline && { refresh_token: giveRefresh(grants, consent) }),
  })
}

/** What an application shows when it acts for a user. */
export function userToken(
  directory: Directory,
  consent: Omit<Consent, 'offline'>,
  proof = '0',
  lifetime?: number,
): string {
  const { user, clientId, resource, scopes } = consent
  const claims = { appidacr: proof, upn: user, unique_name: user, scp: scopes.join(' '), idtyp: 'user' }
  const objectId = `object-of-${user}`
  return issueToken(directory, { resource, clientId, objectId, claims, ...(lifetime !== undefined && { lifetime }) })
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

const grantTypes = new Map([
  ['authorization_code', authorizationCode],
  ['client_credentials', clientCredentials],
  ['password', password],
  ['refresh_token', refreshToken],
])

/** `POST /TENANT/oauth2/v2.0/token` */
export function requestToken(request: TokenRequest): Answer {
  const type = required(request.form, 'grant_type')
  const grant = grantTypes.get(type)
  if (grant === undefined) throw new EntraError(70003, type)
  return grant(request)
}
