import type { Classification } from './classify.ts'
import type { ErrorCode } from './error.ts'
import { member } from './member.ts'

/** Codes of Node and undici errors. Waiting helps, unless they stand in `hopeless`. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ECONNRESET: 'Unavailable',
  ECONNREFUSED: 'Unavailable',
  ECONNABORTED: 'Unavailable',
  ENOTCONN: 'Unavailable',
  EPIPE: 'Unavailable',
  EHOSTUNREACH: 'Unavailable',
  EHOSTDOWN: 'Unavailable',
  ENETUNREACH: 'Unavailable',
  ENETDOWN: 'Unavailable',
  ENETRESET: 'Unavailable',
  EAI_AGAIN: 'Unavailable',
  ENOTFOUND: 'Unavailable',
  EPROTO: 'Unavailable',
  ERR_STREAM_PREMATURE_CLOSE: 'Unavailable',
  ERR_HTTP2_STREAM_ERROR: 'Unavailable',
  ERR_HTTP2_SESSION_ERROR: 'Unavailable',
  ERR_HTTP2_GOAWAY_SESSION: 'Unavailable',
  UND_ERR_SOCKET: 'Unavailable',
  UND_ERR_CLOSED: 'Unavailable',
  UND_ERR_DESTROYED: 'Unavailable',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'Unavailable',
  ETIMEDOUT: 'TimedOut',
  ESOCKETTIMEDOUT: 'TimedOut',
  UND_ERR_CONNECT_TIMEOUT: 'TimedOut',
  UND_ERR_HEADERS_TIMEOUT: 'TimedOut',
  UND_ERR_BODY_TIMEOUT: 'TimedOut',
  CERT_HAS_EXPIRED: 'Unavailable',
  CERT_NOT_YET_VALID: 'Unavailable',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Unavailable',
  SELF_SIGNED_CERT_IN_CHAIN: 'Unavailable',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Unavailable',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Unavailable',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Unavailable',
  ERR_INVALID_URL: 'InvalidArgument',
  HPE_INVALID_CONSTANT: 'Unavailable',
}

/** What stays so however long one waits, with the sentence that says what to look at. */
const hopeless: Readonly<Record<string, string>> = {
  ENOTFOUND: 'There is no host of that name. Check the address of the backend.',
  EPROTO: 'The connection could not be encrypted. Check whether the address should start with http: or https:.',
  CERT_HAS_EXPIRED: 'The certificate of the backend has expired.',
  CERT_NOT_YET_VALID: 'The certificate of the backend is not valid yet. Check the clocks.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The backend has a self-signed certificate, which is not trusted.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the backend comes from an authority that is not trusted.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate of the backend comes from an authority that is not trusted.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the backend cannot be traced to a trusted authority.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the backend is for another host. Check the address.',
  ERR_INVALID_URL: 'The address of the backend is not a valid URL.',
  HPE_INVALID_CONSTANT:
    'What answers at the address of the backend does not speak HTTP. Check its host and port, and whether it should start with https:.',
}

/** What may change by itself, where more can be said than that it failed. */
const passing: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The backend could not be reached: nothing listens at its address and port.',
  EHOSTUNREACH: 'The backend could not be reached: there is no way to its address.',
  ENETUNREACH: 'The backend could not be reached: there is no way to its address.',
}

/** DOMExceptions of `fetch`. An abort that the caller did not ask for was the vendor library's or the connection's. */
const names: Readonly<Record<string, ErrorCode>> = { TimeoutError: 'TimedOut', AbortError: 'Unavailable' }

/** What an error of the network, below any HTTP answer, means. */
export function codeOfNetworkError(error: unknown): Classification | undefined {
  const code = member(error, 'code')
  if (typeof code === 'string' && Object.hasOwn(codes, code)) {
    const isHopeless = Object.hasOwn(hopeless, code)
    const message = (isHopeless ? hopeless : passing)[code]
    return { code: codes[code] ?? 'Unavailable', message, fate: isHopeless ? 'permanent' : undefined }
  }
  // Node's parser of HTTP, about what begins as an answer and goes on as none.
  if (typeof code === 'string' && code.startsWith('HPE_')) return { code: 'Unavailable' }
  const name = member(error, 'name')
  const named = typeof name === 'string' && Object.hasOwn(names, name) ? names[name] : undefined
  return named && { code: named }
}
