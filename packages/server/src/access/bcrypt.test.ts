import { describe, expect, test } from 'vitest'
import { bcrypt } from './bcrypt.ts'

/** Made with the crypt(3) of libxcrypt. Password, cost, salt, digest. */
const vectors = [
  ['U*U', 5, 'CCCCCCCCCCCCCCCCCCCCC.', 'E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['', 4, 'TpR8zDHmpq94GJg6GFl3iu', '/C0Xcigaf5xxebsVocIeyKgVn7ViMkW'],
  ['a', 4, 'abcdefghijklmnopqrstuu', 'MFdJu9yVgmagVAIC24fOZkaFqd3s9JC'],
  ['pässwörd ✓', 6, 'N9qo8uLOickgx2ZMRZoMye', 'gHSgSsd9Jp2./cW42QzNKfKd8T5dhM.'],
  [
    'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
    4,
    'SalsaSalsaSalsaSalsaSO',
    'WVGSpCqDBj3InX2iIkQDJSfAqaoqzO2',
  ],
] as const

describe('bcrypt', () => {
  test.each(vectors)('gives what crypt(3) gives for %j at cost %i with the salt %s', (password, cost, salt, digest) => {
    expect(bcrypt(Buffer.from(password), cost, salt)).toBe(digest)
  })

  test('looks at the first 72 bytes only, as everybody does', () => {
    const salt = 'CCCCCCCCCCCCCCCCCCCCC.'
    const long = 'x'.repeat(72)
    expect(bcrypt(Buffer.from(`${long}tail`), 4, salt)).toBe(bcrypt(Buffer.from(long), 4, salt))
  })
})
