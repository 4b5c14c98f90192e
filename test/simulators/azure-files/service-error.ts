/** Code, status and text as the service's lists of error codes have them (Common REST API and Azure Files error codes). */
const known = {
  AuthenticationFailed: [
    403,
    'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.',
  ],
  AuthorizationFailure: [403, 'This request is not authorized to perform this operation.'],
  AuthorizationPermissionMismatch: [
    403,
    'This request is not authorized to perform this operation using this permission.',
  ],
  AuthorizationProtocolMismatch: [403, 'This request is not authorized to perform this operation using this protocol.'],
  AuthorizationResourceTypeMismatch: [
    403,
    'This request is not authorized to perform this operation using this resource type.',
  ],
  AuthorizationServiceMismatch: [403, 'This request is not authorized to perform this operation using this service.'],
  AuthorizationSourceIPMismatch: [
    403,
    'This request is not authorized to perform this operation using this source IP {0}.',
  ],
  CannotVerifyCopySource: [403, 'Server failed to authenticate the request for the copy source.'],
  ConditionHeadersNotSupported: [400, 'Condition headers are not supported.'],
  DirectoryNotEmpty: [409, 'The specified directory is not empty.'],
  FeatureVersionMismatch: [400, 'The operation is not supported in this version of the service.'],
  InternalError: [500, 'The server encountered an internal error. Please retry the request.'],
  InvalidAuthenticationInfo: [
    401,
    'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
  ],
  InvalidFileOrDirectoryPathName: [400, 'File or directory path is too long.'],
  InvalidHeaderValue: [400, 'The value for one of the HTTP headers is not in the correct format.'],
  InvalidInput: [400, 'One of the request inputs is not valid.'],
  InvalidMd5: [
    400,
    'The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded.',
  ],
  InvalidMetadata: [400, 'The metadata specified is invalid. It has characters that are not permitted.'],
  InvalidQueryParameterValue: [400, 'Value for one of the query parameters specified in the request URI is invalid.'],
  InvalidRange: [416, 'The range specified is invalid for the current size of the resource.'],
  InvalidResourceName: [400, 'The specified resource name contains invalid characters.'],
  InvalidUri: [400, 'The requested URI does not represent any resource on the server.'],
  LeaseAlreadyPresent: [409, 'There is already a lease present.'],
  LeaseIdMismatchWithFileOperation: [412, 'The lease ID specified did not match the lease ID for the file.'],
  LeaseIdMismatchWithLeaseOperation: [409, 'The lease ID specified did not match the lease ID for the file.'],
  LeaseIdMissing: [412, 'There is currently a lease on the resource and no lease ID was specified in the request.'],
  LeaseNotPresentWithFileOperation: [412, 'There is currently no lease on the file.'],
  LeaseNotPresentWithLeaseOperation: [409, 'There is currently no lease on the file.'],
  Md5Mismatch: [
    400,
    'The MD5 value specified in the request did not match with the MD5 value calculated by the server.',
  ],
  MissingContentLengthHeader: [411, 'Content-Length HTTP header was not specified.'],
  MissingRequiredHeader: [400, 'An HTTP header that is mandatory for this request is not specified.'],
  NoAuthenticationInformation: [
    401,
    'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
  ],
  NoPendingCopyOperation: [409, 'There is currently no pending copy operation.'],
  OperationTimedOut: [500, 'Operation could not be completed within the specified time.'],
  OutOfRangeInput: [400, 'One of the request inputs is out of range.'],
  OutOfRangeQueryParameterValue: [
    400,
    'One of the query parameters specified in the request URI is outside the permissible range.',
  ],
  ParentNotFound: [404, 'The specified parent path does not exist.'],
  PendingCopyOperation: [409, 'There is currently a pending copy operation.'],
  ReadOnlyAttribute: [409, 'The specified resource is read-only and cannot be modified at this time.'],
  RequestBodyTooLarge: [413, 'The request body is too large and exceeds the maximum permissible limit.'],
  ResourceAlreadyExists: [409, 'The specified resource already exists.'],
  ResourceNotFound: [404, 'The specified resource does not exist.'],
  ResourceTypeMismatch: [409, 'The specified resource type does not match the type of the existing resource.'],
  ServerBusy: [503, 'The server is currently unable to receive requests. Please retry your request.'],
  ShareAlreadyExists: [409, 'The specified share already exists.'],
  ShareNotFound: [404, 'The specified share does not exist.'],
  UnsupportedHttpVerb: [405, 'The resource does not support specified Http Verb.'],
} as const

export type ErrorCode = keyof typeof known

/** What the service refuses a request with: `status`, the header x-ms-error-code and the XML envelope. */
export class ServiceError extends Error {
  readonly code: ErrorCode
  readonly status: number
  /** More elements of the envelope, such as HeaderName or AuthenticationErrorDetail. */
  readonly details: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ErrorCode,
    details: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(known[code][1])
    this.code = code
    this.status = known[code][0]
    this.details = details
    this.headers = headers
  }
}

export const missingHeader = (name: string) => new ServiceError('MissingRequiredHeader', { HeaderName: name })
export const invalidHeader = (name: string, value: string | undefined) =>
  new ServiceError('InvalidHeaderValue', { HeaderName: name, HeaderValue: value ?? '' })
export const invalidQuery = (name: string, value: string) =>
  new ServiceError('InvalidQueryParameterValue', { QueryParameterName: name, QueryParameterValue: value })
