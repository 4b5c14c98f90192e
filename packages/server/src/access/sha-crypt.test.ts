import { describe, expect, test } from 'vitest'
import { shaCrypt } from './sha-crypt.ts'

/** From the specification, and made with the crypt(3) of glibc. Password, variant, salt, rounds, digest. */
const vectors = [
  ['Hello world!', '5', 'saltstring', 5000, '5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  ['Hello world!', '5', 'saltstringsaltst', 10000, '3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'],
  [
    'Hello world!',
    '6',
    'saltstring',
    5000,
    'svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  ['', '6', 'a', 1000, 'q/ZSdy9IBSzcpbaIjdRTOu569QiYiP4n7Ab08Oq1Ir6J.GD1xR3BAwRIYHnavtE1Wzodknd9BxknlHhFBP/az1'],
  [
    'pässwörd ✓',
    '6',
    'QmFzZTY0Lg/z',
    1234,
    'jXM2jrHUIBrJyxwdjQVOpcW.xIHBGSybGWw93ntDuYsCyUkeYEegr9J9Ug8QpB8TNDg6JGS/Ba0kIQoRjZL5V1',
  ],
  [
    'long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long ',
    '6',
    '0123456789abcdef',
    1000,
    'wk3Az7raWNqENLZEp2Nk43IOrAh6J.D1dFInmru6vmbQfAUTSv23hOtOvBz.uakWxjc4pGIKBECZZBp6jTXyU0',
  ],
  ['', '5', 'a', 1000, 'h8gEN0ODxYvLokgp44mp9FQeMZy0f9j01cbNDQnD727'],
  ['pässwörd ✓', '5', 'abcdefgh', 1234, 'jZqoUZ/I5L3v8dRLxDUkRAuLXd0xkiihTeUahbKnqe9'],
  [
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    '5',
    '0123456789abcdef',
    1000,
    'XEK1QPtjlT78eDFCEhwfolVQFGRl8ajCI1B6O0uXbH7',
  ],
] as const

describe('shaCrypt', () => {
  test.each(vectors)(
    'gives what crypt(3) gives for %j, $%s$, salt %s, %i rounds',
    (password, variant, salt, rounds, digest) => {
      expect(shaCrypt(variant, Buffer.from(password), salt, rounds)).toBe(digest)
    },
  )
})
