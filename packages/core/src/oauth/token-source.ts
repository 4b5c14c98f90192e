import { abortedBy } from '../abort.ts'

export interface AccessToken {
  readonly value: string
  /** Unix milliseconds. */
  readonly expires: number
  /** Somebody else asked for it, maybe long ago. */
  readonly isTakenOver?: boolean | undefined
}

/** Who a connection speaks as. */
export interface TokenSource {
  /** `undefined` for nobody. */
  token(signal?: AbortSignal): Promise<string | undefined>
  /** Forgets a token that the vendor refused. `false` when no other can be had. */
  refuse(token: string): boolean
  /** Whether it is new to us only: the vendor may have ended it with the one that we had before. */
  mayBeOld?(token: string): boolean
  /** The project that the credentials belong to, where they say so. */
  readonly project?: string | undefined
}

export const nobody: TokenSource = { token: async () => undefined, refuse: () => false }

/** A token that is all there is. */
export const fixedToken = (value: string): TokenSource => ({ token: async () => value, refuse: () => false })

/** Milliseconds before its end from which on a token counts as expired. */
const margin = 60_000

/** Whether a token will hold for a minute yet. */
export const isFresh = ({ expires }: Pick<AccessToken, 'expires'>): boolean => expires - margin > Date.now()

/**
 * Asks for a token when there is none that will hold for a minute. Whoever needs one meanwhile waits for the same answer,
 * which no single one of them can call off.
 */
export function renewedToken(
  renew: () => Promise<AccessToken>,
  { first, project }: { readonly first?: AccessToken | undefined; readonly project?: string | undefined } = {},
): TokenSource {
  let known = first
  let renewing: Promise<AccessToken> | undefined

  async function renewed(): Promise<AccessToken> {
    try {
      known = await renew()
      return known
    } finally {
      renewing = undefined
    }
  }
  return {
    project,
    async token(signal) {
      if (known && isFresh(known)) return known.value
      renewing ??= renewed()
      return (await unlessAborted(renewing, signal)).value
    },
    refuse(token) {
      if (known?.value === token) known = undefined
      return true
    },
    mayBeOld: (token) => known?.value === token && known.isTakenOver === true,
  }
}

async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return work
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(abortedBy(signal))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
