import { describe, expect, test } from 'vitest'
import { matchesCrypt } from './crypt.ts'

/** Made with the crypt(3) of libxcrypt. */
const bcryptHashes = [
  ['U*U', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['', '$2b$04$TpR8zDHmpq94GJg6GFl3iu/C0Xcigaf5xxebsVocIeyKgVn7ViMkW'],
  ['a', '$2b$04$abcdefghijklmnopqrstuuMFdJu9yVgmagVAIC24fOZkaFqd3s9JC'],
  ['p\u00e4ssw\u00f6rd \u2713', '$2b$06$N9qo8uLOickgx2ZMRZoMyegHSgSsd9Jp2./cW42QzNKfKd8T5dhM.'],
  ['y'.repeat(72), '$2b$04$SalsaSalsaSalsaSalsaSOWVGSpCqDBj3InX2iIkQDJSfAqaoqzO2'],
] as const

describe('a hash of crypt(3)', () => {
  test.each(bcryptHashes)('%j is the password of %s, under all three names of bcrypt', (password, hash) => {
    for (const name of ['$2b$', '$2a$', '$2y$']) {
      const same = hash.replace('$2b$', name)
      expect(matchesCrypt(password, same)).toBe(true)
      expect(matchesCrypt(`x${password}`, same)).toBe(false)
    }
  })

  test('of bcrypt looks at the first 72 bytes only, as everybody does', () => {
    const [long, hash] = bcryptHashes[4]
    expect(matchesCrypt(`${long}tail`, hash)).toBe(true)
    expect(matchesCrypt(long.slice(1), hash)).toBe(false)
  })

  test('of another kind matches nothing', () => {
    for (const hash of [
      '',
      'a',
      '$1$salt$digest',
      '$2b$05$short',
      '$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    ]) {
      expect(matchesCrypt(hash, hash)).toBe(false)
    }
  })
})
