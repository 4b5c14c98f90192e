/** Where in a request the mistake is, as the vendor's error envelope says it. */
export interface ErrorPlace {
  readonly domain?: string
  readonly locationType?: 'header' | 'parameter'
  readonly location?: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * An answer that is no success, after cloud.google.com/storage/docs/json_api/v1/status-codes. `reason` is one of that
 * page's reasons.
 */
export class ApiError extends Error {
  readonly status: number
  readonly reason: string
  readonly place: ErrorPlace

  constructor(status: number, reason: string, message: string, place: ErrorPlace = {}) {
    super(message)
    this.status = status
    this.reason = reason
    this.place = place
  }

  /** The JSON envelope of the error. */
  envelope(): unknown {
    const { domain = 'global', locationType, location } = this.place
    const detail = { message: this.message, domain, reason: this.reason, locationType, location }
    return { error: { code: this.status, message: this.message, errors: [detail] } }
  }
}

export const notFound = (message = 'Not Found'): ApiError => new ApiError(404, 'notFound', message)

export const invalid = (message: string): ApiError => new ApiError(400, 'invalid', message)

export const required = (parameter: string): ApiError =>
  new ApiError(400, 'required', `Required parameter: ${parameter}`, { locationType: 'parameter', location: parameter })

export const invalidParameter = (parameter: string, value: string): ApiError =>
  new ApiError(400, 'invalidParameter', `Invalid value for ${parameter}: ${value}`, {
    locationType: 'parameter',
    location: parameter,
  })

export const conditionNotMet = (location = 'If-Match'): ApiError =>
  new ApiError(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.', {
    locationType: 'header',
    location,
  })

/** For what the vendor has and this simulator does not: better a refusal than a wrong answer. */
export const notSimulated = (what: string): ApiError =>
  new ApiError(501, 'notImplemented', `This simulator does not know ${what}.`)
