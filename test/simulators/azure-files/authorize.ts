import type { Operation } from './operations.ts'
import { requiredHeader, type ServiceRequest } from './request.ts'
import { checkSignature, type Signer, type Wish } from './sas.ts'
import { invalidHeader, ServiceError } from './service-error.ts'
import { checkSharedKey } from './shared-key.ts'

/** Says why a token is refused, `undefined` when it is good. */
export type TokenCheck = (token: string) => string | undefined

export type Authorization = 'shared key' | 'signature' | 'token'

const challenge = {
  'WWW-Authenticate':
    'Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=https://storage.azure.com',
}
/** Since when the file service takes tokens. */
const tokenVersion = '2022-11-02'

/** @returns by what the request is authorized; refuses it otherwise */
export function authorize(
  request: ServiceRequest,
  operation: Operation,
  target: Omit<Wish, 'operation'>,
  signer: Signer,
  checkToken: TokenCheck,
): Authorization {
  const authorization = request.header('authorization')
  if (authorization === undefined) {
    if (request.parameter('sig') === undefined) throw new ServiceError('NoAuthenticationInformation', {}, challenge)
    checkSignature(request, signer, { operation, ...target }, request)
    return 'signature'
  }
  if (authorization.startsWith('Bearer ')) {
    checkBearer(request, authorization.slice('Bearer '.length), checkToken)
    return 'token'
  }
  // Only what signs itself may go without this header.
  requiredHeader(request, 'x-ms-version')
  checkSharedKey(request, authorization, signer.account, signer.key)
  return 'shared key'
}

function checkBearer(request: ServiceRequest, token: string, checkToken: TokenCheck): void {
  if (!request.secure) throw new ServiceError('AuthorizationProtocolMismatch')
  requiredHeader(request, 'x-ms-version')
  if (request.version < tokenVersion) throw new ServiceError('FeatureVersionMismatch')
  const reason = checkToken(token)
  if (reason !== undefined)
    throw new ServiceError('InvalidAuthenticationInfo', { AuthenticationErrorDetail: reason }, challenge)
  const intent = requiredHeader(request, 'x-ms-file-request-intent')
  if (intent.toLowerCase() !== 'backup') throw invalidHeader('x-ms-file-request-intent', intent)
}
