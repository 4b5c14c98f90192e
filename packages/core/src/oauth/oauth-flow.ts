/** How a user allows access at a vendor. What a driver definition says of it is all that servers and command lines need. */
export interface OAuthFlow<Options> {
  /** Where a user allows it; `auth_url` goes before it. */
  authorizeUrl(options: Options): string
  /** Where tokens are given out; `token_url` goes before it. */
  tokenUrl(options: Options): string
  /** What is asked for. */
  scopes(options: Options): readonly string[]
  /** What the vendor wants to know besides, so that it gives out a refresh token. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** Whether the options hold no token and no other way to log in, so that a user has to allow access first. */
  needsUser(options: Options): boolean
}
