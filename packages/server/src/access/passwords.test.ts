import { describe, expect, test, vi } from 'vitest'
import { parsePassword } from './passwords.ts'

/** On this thread no slow hash can be checked; the one that checks them has its own modules. */
vi.mock('./crypt.ts', () => ({
  matchesCrypt() {
    throw new Error('A slow hash was to be checked on the main thread.')
  },
}))

/** Hashes of 'secret' made with crypt(3), except Argon2: the reference implementation's vectors for 'password'. */
const hashes = [
  [
    'secret',
    '$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/',
  ],
  ['secret', '$5$rounds=1000$saltsalt$eKLZU9t9OoPWrqOQsoTIKG0aYkZ5rGOoOQhiIvoSWX2'],
  ['secret', '$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'],
  ['secret', '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'],
  ['password', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  ['password', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
] as const

describe('parsePassword', () => {
  test.each(hashes)('knows %s by the hash %s, and nothing else', async (password, hash) => {
    const check = parsePassword(hash)
    expect(await check.matches(password)).toBe(true)
    expect(await check.matches(`${password}.`)).toBe(false)
    expect(await check.matches('')).toBe(false)
    expect(await check.matches(hash)).toBe(false)
  })

  test('takes anything that does not look like a hash as plain text', async () => {
    for (const plain of ['secret', '$', 'pa$$word', '$6', 'p@ss:w|rd', '✓']) {
      expect(await parsePassword(plain).matches(plain)).toBe(true)
      expect(await parsePassword(plain).matches(`${plain} `)).toBe(false)
    }
  })

  test('checks slow hashes on another thread', async () => {
    const { matchesCrypt } = await import('./crypt.ts')
    for (const [password, hash] of hashes.slice(0, 4)) {
      expect(() => matchesCrypt(password, hash)).toThrow('on the main thread')
      expect(await parsePassword(hash).matches(password)).toBe(true)
    }
  })

  test('answers many questions at a time, each with its own answer', async () => {
    const check = parsePassword(hashes[0][1])
    const guesses = ['a', 'secret', 'b', 'secret', 'c']
    expect(await Promise.all(guesses.map(async (guess) => check.matches(guess)))).toEqual([
      false,
      true,
      false,
      true,
      false,
    ])
  })

  test('refuses a password of megabytes without hashing it', async () => {
    const check = parsePassword(hashes[0][1])
    expect(check.matches('x'.repeat(1_000_000))).toBe(false)
  })

  test.each([
    ['$1$salt$hash', 'kind $1$'],
    ['$y$j9T$salt$hash', 'kind $y$'],
    ['$apr1$salt$hash', 'kind $apr1$'],
    ['$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$aaaa', 'kind $argon2i$'],
    ['$6$salt', '$6$... is malformed'],
    ['$6$salt$short', '$6$... is malformed'],
    ['$5$salt$' + 'a'.repeat(86), '$5$... is malformed'],
    ['$2b$99$abcdefghijklmnopqrstuuXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX', '$2b$... is malformed'],
    ['$2b$04$short', '$2b$... is malformed'],
    ['$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$aaaaaaaa', '$argon2id$... is malformed'],
    ['$argon2id$v=19$m=1,t=2,p=1$c29tZXNhbHQ$aaaaaaaa', 'parameters that Argon2 does not take'],
  ])('refuses %s and says why, without repeating it', (hash, reason) => {
    expect(() => parsePassword(hash)).toThrow(reason)
    expect(() => parsePassword(hash)).not.toThrow(hash)
  })

  test('tells how much work a check is, so that refusals can be made alike', () => {
    expect(parsePassword('one').work).toBe(parsePassword('other').work)
    expect(parsePassword(hashes[0][1]).work).not.toBe(parsePassword(hashes[1][1]).work)
  })
})
