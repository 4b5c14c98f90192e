import { timingSafeEqual } from 'node:crypto'
import { bcrypt } from './bcrypt.ts'
import { shaCrypt } from './sha-crypt.ts'

export const shaCryptForm = /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$]*)\$([./0-9A-Za-z]+)$/
export const bcryptForm = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/

/** As the specification clamps them. */
export function shaCryptRounds(text: string | undefined): number {
  return text === undefined ? 5000 : Math.min(999_999_999, Math.max(1000, Number(text)))
}

/** Whether `password` is the one of a `$5$`, `$6$` or `$2b$` hash. Slow by design: `slow-hash-worker.ts` runs it. */
export function matchesCrypt(password: string, hash: string): boolean {
  const bytes = Buffer.from(password)
  const sha = shaCryptForm.exec(hash)
  if (sha) {
    const [, variant, rounds, salt = '', digest = ''] = sha
    return equal(digest, shaCrypt(variant === '5' ? '5' : '6', bytes, salt.slice(0, 16), shaCryptRounds(rounds)))
  }
  const [, cost, salt = '', digest = ''] = bcryptForm.exec(hash) ?? []
  return cost !== undefined && equal(digest, bcrypt(bytes, Number(cost), salt))
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
