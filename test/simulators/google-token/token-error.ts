/** What a token endpoint refuses, RFC 6749, 5.2: `reason` is its `error`, the message its `error_description`. */
export class TokenError extends Error {
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

export const invalidGrant = (message: string): TokenError => new TokenError(400, 'invalid_grant', message)
