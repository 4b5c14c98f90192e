import type { Classification, Classify, ErrorCode } from '@filegate/core'

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const busy = 'The FTP server takes no more connections at the moment. Lower concurrency if this stays so.'
const wrongLogin = 'The FTP server did not accept the user and password.'
const needsTls = 'The FTP server insists on encryption. Set explicit_tls, or tls if it listens on a port for that.'
const noEncryption = 'The connection to the FTP server could not be encrypted. Check tls, explicit_tls and port.'
const dataRefused =
  'The FTP server refused a data connection. If it uses TLS, it may want sessions taken up again: raise tls_cache_size.'
const untrusted = 'The certificate of the FTP server is not trusted; no_check_certificate takes any.'

/** RFC 959, section 4.2.2; RFC 4217, section 10; RFC 2428. What is said differently by servers stands in `sayings`. */
const replies: Readonly<Record<number, ErrorCode | Classification>> = {
  332: { code: 'Unauthenticated', message: 'The FTP server wants an account (ACCT), which is not supported.' },
  421: { code: 'Unavailable', message: 'The FTP server closes the connection.' },
  425: { code: 'Unavailable', message: dataRefused },
  426: 'Unavailable',
  430: { code: 'Unauthenticated', message: wrongLogin },
  450: 'Unavailable',
  451: 'Unavailable',
  452: 'NoSpace',
  500: 'Unsupported',
  501: 'InvalidArgument',
  502: 'Unsupported',
  503: 'Unexpected',
  504: 'Unsupported',
  522: { code: 'InvalidArgument', message: needsTls },
  530: { code: 'Unauthenticated', message: wrongLogin },
  532: 'AccessDenied',
  550: 'AccessDenied',
  551: 'InvalidArgument',
  552: 'NoSpace',
  553: 'AccessDenied',
}

interface Saying {
  readonly codes: readonly number[]
  readonly says: RegExp
  readonly means: ErrorCode | Classification
}

/** Where one number stands for much, the text after it decides. */
const sayings: readonly Saying[] = [
  { codes: [425, 522], says: /session|reus/i, means: { code: 'Unavailable', message: dataRefused } },
  { codes: [421, 530], says: /too many|maximum|limit/i, means: { code: 'Throttled', message: busy } },
  {
    codes: [421, 500, 502, 504, 530, 534, 550],
    says: /\b(?:TLS|SSL|encrypt|secure)/i,
    means: { code: 'InvalidArgument', message: needsTls },
  },
  { codes: [450, 550, 553], says: /no such|not found|not exist|cannot find/i, means: 'NotFound' },
  { codes: [450, 521, 550, 553], says: /already|file exists/i, means: 'AlreadyExists' },
  { codes: [450, 550], says: /not empty/i, means: 'DirectoryNotEmpty' },
  { codes: [450, 451, 550, 552, 553], says: /quota|no space|disk full/i, means: 'NoSpace' },
]

/** Codes of sockets that mean something else here than with HTTP. */
const connections: Readonly<Record<string, Classification>> = {
  ECONNREFUSED: { code: 'Unavailable', message: 'No FTP server listens there. Check host and port.' },
  EPROTO: { code: 'Unavailable', fate: 'permanent', message: noEncryption },
  DEPTH_ZERO_SELF_SIGNED_CERT: { code: 'Unavailable', fate: 'permanent', message: untrusted },
  SELF_SIGNED_CERT_IN_CHAIN: { code: 'Unavailable', fate: 'permanent', message: untrusted },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { code: 'Unavailable', fate: 'permanent', message: untrusted },
}

/** What the library says of a connection, in its words: its errors have no codes. */
const remarks: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^Timeout \(/, 'TimedOut'],
  [/^(?:Server (?:sent|closed)|Client is closed|User closed|Socket closed|FTP control response)/, 'Unavailable'],
]

/** What an error of the library, or a refusal of the server, means. */
export const classify: Classify = (error) => {
  const code = member(error, 'code')
  const text = error instanceof Error ? error.message : ''
  if (typeof code === 'number') {
    const saying = sayings.find(({ codes, says }) => codes.includes(code) && says.test(text))
    return saying?.means ?? replies[code] ?? (code < 500 ? 'Unavailable' : 'Unexpected')
  }
  if (typeof code === 'string' && Object.hasOwn(connections, code)) return connections[code]
  if (typeof code === 'string' && code.startsWith('ERR_SSL_')) return connections.EPROTO
  return remarks.find(([says]) => says.test(text))?.[1]
}
