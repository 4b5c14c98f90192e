import { timingSafeEqual } from 'node:crypto'
import { compareSync } from 'bcryptjs'
import { bcryptForm, shaCryptForm, shaCryptRounds } from './hash-forms.ts'
import { shaCrypt } from './sha-crypt.ts'

/** Whether `password` is the one of a `$5$`, `$6$` or `$2b$` hash. Slow by design: `slow-hash-worker.ts` runs it. */
export function matchesCrypt(password: string, hash: string): boolean {
  const sha = shaCryptForm.exec(hash)
  if (!sha) return bcryptForm.test(hash) && compareSync(password, hash)
  const [, variant, rounds, salt = '', digest = ''] = sha
  const expected = shaCrypt(
    variant === '5' ? '5' : '6',
    Buffer.from(password),
    salt.slice(0, 16),
    shaCryptRounds(rounds),
  )
  return digest.length === expected.length && timingSafeEqual(Buffer.from(digest), Buffer.from(expected))
}
