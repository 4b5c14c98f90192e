import { argon2, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { StorageError } from '@filegate/core'
import { bcryptForm, shaCryptForm, shaCryptRounds } from './hash-forms.ts'
import { matchesSlowHash } from './slow-hash.ts'

/** The stored password of an account. */
export interface PasswordCheck {
  /** Equal for passwords that take the same work to check. */
  readonly work: string
  /** Constant in time for a given `work`, never on the main thread where it is slow. */
  matches(candidate: string): boolean | Promise<boolean>
}

/** Longer ones are refused unseen, so that nobody makes us hash megabytes. */
const longestCandidate = 1024

const argon2Form = /^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,8})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** The kinds of hash: what they start with, how they look, and how one of that look is checked. */
const kinds: readonly (readonly [RegExp, RegExp, (hash: string, parts: readonly string[]) => PasswordCheck])[] = [
  [/^\$[56]\$/, shaCryptForm, (hash, parts) => slow(hash, `sha${parts[0]} ${shaCryptRounds(parts[1] || undefined)}`)],
  [/^\$2[aby]\$/, bcryptForm, (hash, parts) => slow(hash, `bcrypt ${parts[0]}`)],
  [/^\$argon2id\$/, argon2Form, argon2Check],
]

const digestLengths: Readonly<Record<string, number>> = { '5': 43, '6': 86 }

/**
 * Reads the password part of an `--auth` rule: plain text, or a hash of a kind that is known.
 * @throws StorageError `InvalidArgument` on a hash that is malformed or of another kind. It never repeats the hash.
 */
export function parsePassword(text: string): PasswordCheck {
  for (const [start, form, check] of kinds) {
    if (!start.test(text)) continue
    const parts = form.exec(text)?.slice(1)
    if (!parts || !isWhole(text, parts)) return refuse(`the password hash ${start.exec(text)?.[0]}... is malformed`)
    return check(
      text,
      parts.map((part) => part ?? ''),
    )
  }
  const unknown = /^\$[a-z0-9-]{1,16}\$/i.exec(text)?.[0]
  if (unknown)
    return refuse(`a password hash of the kind ${unknown} is not supported, use $6$, $5$, $2b$ or $argon2id$`)
  return plain(text)
}

function isWhole(text: string, parts: readonly string[]): boolean {
  const cost = Number(parts[0])
  if (text.startsWith('$2')) return cost >= 4 && cost <= 31
  const length = digestLengths[text[1] ?? '']
  return length === undefined || parts[3]?.length === length
}

function refuse(problem: string): never {
  throw new StorageError('InvalidArgument', problem)
}

const comparisonKey = randomBytes(32)
const comparable = (text: string): Buffer => createHmac('sha256', comparisonKey).update(text).digest()

/** Digests are compared, so that neither the length nor a common start shows in the time. */
function plain(password: string): PasswordCheck {
  const expected = comparable(password)
  return { work: 'plain', matches: (candidate) => timingSafeEqual(expected, comparable(candidate)) }
}

function slow(hash: string, work: string): PasswordCheck {
  return { work, matches: (candidate) => isBearable(candidate) && matchesSlowHash(candidate, hash) }
}

function argon2Check(_hash: string, parts: readonly string[]): PasswordCheck {
  const [memory = 0, passes = 0, parallelism = 0] = parts.slice(0, 3).map(Number)
  const [nonce, expected] = parts.slice(3).map((part) => Buffer.from(part, 'base64'))
  const valid =
    memory >= 8 * parallelism && memory < 2 ** 32 && passes >= 1 && parallelism >= 1 && parallelism < 2 ** 24
  if (!nonce || !expected || !valid || nonce.length < 8 || expected.length < 4) {
    return refuse('the password hash $argon2id$... has parameters that Argon2 does not take')
  }
  return {
    work: `argon2id ${memory} ${passes} ${parallelism}`,
    matches: (candidate) => {
      if (!isBearable(candidate)) return false
      const { promise, resolve, reject } = Promise.withResolvers<boolean>()
      const parameters = { message: candidate, nonce, parallelism, tagLength: expected.length, memory, passes }
      argon2('argon2id', parameters, (error, derived) => {
        if (error) reject(new StorageError('Unexpected', 'Argon2 failed.', { cause: error }))
        else resolve(timingSafeEqual(derived, expected))
      })
      return promise
    },
  }
}

const isBearable = (candidate: string): boolean => Buffer.byteLength(candidate) <= longestCandidate
