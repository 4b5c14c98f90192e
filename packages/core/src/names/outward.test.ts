import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../error.ts'
import { decodeName, encodeName } from './codec.ts'
import { parseMask } from './mask.ts'
import { canonicalName, standardMask, toUser, toWire } from './outward.ts'

const drive = 16_777_216
const s3 = 50_331_650
const oneDrive = 57_386_894
const hidrive = 33_554_434

const names = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Array.from('/\\\0\n.:?‛␀␊．：／ ␠～~F4é')),
      fc.string({ unit: 'grapheme', maxLength: 2 }),
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(''))
  .filter((name) => name !== '')
const masks = fc.oneof(fc.constantFrom(drive, s3, oneDrive, hidrive, 0, 1), fc.nat(2 ** 29 - 1))

/** What a call gives, or the code of the error it ends in. */
function outcome(call: () => string): string {
  try {
    return `gives ${call()}`
  } catch (error) {
    return StorageError.is(error) ? error.code : 'no StorageError'
  }
}

describe('names as users see them', () => {
  it('are in the form Slash,Ctl,Del,Dot', () => {
    expect(standardMask).toBe(parseMask('Slash,Ctl,Del,Dot'))
  })

  it.each([
    [drive, 'a/b', 'a／b'],
    [drive, '..', '．．'],
    [drive, 'line\nbreak', 'line␊break'],
    [s3, 'a／b', 'a／b'],
    [s3, 'a‛‛b', 'a‛‛b'],
    [oneDrive, 'why？', 'why?'],
    [oneDrive, '␠x', ' x'],
    [drive, 'a‛FFb', 'a‛FFb'],
    [drive, 'a‛‛FFb', 'a‛‛FFb'],
  ])('under mask %i the stored name %j shows as %j and is found again', (mask, wire, user) => {
    expect(toUser(mask, wire)).toBe(user)
    expect(toWire(mask, user)).toBe(wire)
  })

  it('come back in one spelling, whatever spelling was asked for', () => {
    expect(canonicalName('a‛b')).toBe('a‛‛b')
    expect(canonicalName('a\nb')).toBe('a␊b')
    expect(canonicalName('plain')).toBe('plain')
    expect(toWire(s3, 'a‛b')).toBe(toWire(s3, 'a‛‛b'))
    expect(toWire(s3, 'a\nb')).toBe(toWire(s3, 'a␊b'))
  })

  it('follow the formula of two codecs for every name without escaped bytes', () => {
    fc.assert(
      fc.property(masks, names, (mask, name) => {
        fc.pre(!/‛[0-9A-Fa-f]{2}/.test(name) && name.isWellFormed())
        const formula = (): string => encodeName(mask, decodeName(standardMask, name))
        expect(outcome(() => toWire(mask, name))).toBe(outcome(formula))
      }),
    )
  })

  it('can never lead out of a folder, whatever the vendor gives', () => {
    fc.assert(
      fc.property(masks, fc.oneof(names, fc.string({ unit: 'binary' })), (mask, wire) => {
        const user = toUser(mask, wire)
        expect(user.isWellFormed()).toBe(true)
        expect(user).not.toMatch(/[/\0]|^\.{1,2}$/)
      }),
      { numRuns: 3000 },
    )
  })

  it('are stable: what was shown is the canonical spelling', () => {
    fc.assert(
      fc.property(masks, names, (mask, wire) => {
        const user = toUser(mask, wire)
        expect(canonicalName(user)).toBe(user)
      }),
      { numRuns: 3000 },
    )
  })

  it('find the object again that they were shown for, when we wrote it', () => {
    fc.assert(
      fc.property(masks, names, (mask, name) => {
        const stored = outcome(() => toWire(mask, name))
        fc.pre(stored !== 'InvalidPath')
        const wire = stored.slice('gives '.length)
        expect(toUser(mask, wire)).toBe(canonicalName(name))
        expect(toWire(mask, toUser(mask, wire))).toBe(wire)
      }),
      { numRuns: 3000 },
    )
  })

  it('take an escaped byte for plain text where it could be written as a character', () => {
    expect(toWire(s3, 'a‛41')).toBe('a‛‛41')
    expect(canonicalName('a‛41')).toBe('a‛‛41')
    expect(toWire(s3, 'a‛C3‛A9')).toBe('a‛‛C3‛‛A9')
  })

  it('are refused where the vendor cannot keep bytes that are not UTF-8', () => {
    expect(() => toWire(hidrive, 'a‛FFb')).toThrow(expect.objectContaining({ code: 'InvalidPath' }))
  })

  it('are refused when they are not valid Unicode', () => {
    expect(() => toWire(s3, 'a\ud800')).toThrow(expect.objectContaining({ code: 'InvalidPath' }))
    expect(() => canonicalName('a\ud800')).toThrow(expect.objectContaining({ code: 'InvalidPath' }))
  })

  it('show a lone surrogate of a vendor as the bytes it is not', () => {
    expect(toUser(s3, 'a\ud800')).toBe('a‛ED‛A0‛80')
  })
})
