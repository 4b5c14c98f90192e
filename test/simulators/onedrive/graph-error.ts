import { TreeError, type TreeProblem } from '../cloud-tree/tree-error.ts'

/** Codes of Microsoft Graph's error reference, with the status that each comes with and what it says when nobody says more. */
const known = {
  InvalidAuthenticationToken: [401, 'Access token is empty.'],
  unauthenticated: [401, 'The caller is not authenticated.'],
  accessDenied: [403, 'Access denied'],
  malwareDetected: [403, 'Malware was detected in the requested resource.'],
  itemNotFound: [404, 'The resource could not be found.'],
  BadRequest: [400, 'Bad request.'],
  invalidRequest: [400, 'The request is malformed or incorrect.'],
  notSupported: [400, 'The request is not supported by the system.'],
  notAllowed: [405, 'The action is not allowed by the system.'],
  UnsupportedMediaType: [415, 'The content type of the request is not supported.'],
  nameAlreadyExists: [409, 'An item with the same name already exists under the parent'],
  resyncRequired: [410, 'Resync required.'],
  resyncChangesApplyDifferences: [410, 'Resync required.'],
  resourceModified: [412, 'The resource has changed since the caller last read it; usually an eTag mismatch'],
  requestTooLarge: [413, 'The request size exceeds the maximum limit.'],
  invalidRange: [416, 'The specified byte range is invalid or unavailable.'],
  resourceLocked: [423, 'The resource you are attempting to access is locked'],
  activityLimitReached: [429, 'The request has been throttled'],
  generalException: [500, 'An unspecified error has occurred.'],
  notImplemented: [501, 'The requested feature isn’t implemented.'],
  serviceNotAvailable: [503, 'The service is temporarily unavailable. Please retry after a delay.'],
  gatewayTimeout: [504, 'The server did not receive a timely response from the upstream server.'],
  quotaLimitReached: [507, 'Insufficient Space Available'],
  bandwidthLimitExceeded: [509, 'The app has been throttled for exceeding the maximum bandwidth cap.'],
} as const satisfies Record<string, readonly [number, string]>

export type ErrorCode = keyof typeof known

export interface ErrorDetail {
  readonly message?: string | undefined
  /** The more detailed code inside. */
  readonly inner?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** A refusal in the words of Microsoft Graph. */
export class GraphError extends Error {
  readonly status: number
  readonly code: ErrorCode
  readonly inner: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, { message, inner, headers = {} }: ErrorDetail = {}) {
    const [status, usual] = known[code]
    super(message ?? usual)
    this.status = status
    this.code = code
    this.inner = inner
    this.headers = headers
  }
}

export const invalid = (message: string, inner?: string): GraphError =>
  new GraphError('invalidRequest', { message, inner })

const codes: Readonly<Record<TreeProblem, ErrorCode>> = {
  'not-found': 'itemNotFound',
  'not-a-folder': 'itemNotFound',
  'not-a-file': 'invalidRequest',
  conflict: 'nameAlreadyExists',
  cycle: 'invalidRequest',
  'no-space': 'quotaLimitReached',
  refused: 'accessDenied',
}

/** What the tree refuses, as Graph says it. */
export function asGraphError(error: unknown): GraphError | undefined {
  if (error instanceof GraphError) return error
  return error instanceof TreeError ? new GraphError(codes[error.problem]) : undefined
}
