import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../error.ts'
import { nameClasses } from './classes.ts'
import { decodeName, decodeNameBytes, encodeName, encodeNameBytes } from './codec.ts'
import { tablesOf } from './tables.ts'

/** Mask, our name, wire name: each encodes and decodes back. */
const vectors: readonly (readonly [mask: number, name: string, wire: string, shows: string])[] = [
  [50438146, 'a/b', 'a／b', 'Slash'],
  [50438146, 'a\\b', 'a＼b', 'BackSlash'],
  [50438146, 'a／b', 'a‛／b', 'a literal replacement is quoted'],
  [50438146, 'a‛／b', 'a‛‛‛／b', 'quote and replacement are both quoted'],
  [50438146, '‛', '‛‛', 'the quote'],
  [50438146, '.', '．', 'Dot'],
  [50438146, '..', '．．', 'Dot twice'],
  [50438146, '．', '‛．', 'a literal full-width dot'],
  [50438146, '．．', '‛．‛．', 'two literal full-width dots'],
  [50438146, '...', '...', 'three dots are not touched'],
  [50438146, 'a\nb\x7f', 'a␊b␡', 'Ctl, Del'],
  [57386894, ' ~x. ', '␠~x.␠', 'one rule an edge'],
  [57386894, '~$tmp.', '～$tmp．', 'LeftTilde, RightPeriod'],
  [57386894, 'a. ', 'a.␠', 'only the last character'],
  [57386894, ' ', '␠', 'the left rule wins'],
  [57386894, '  ', '␠␠', 'both edges'],
  [57386894, '   ', '␠ ␠', 'a space inside stays'],
  [57386894, '␠', '‛␠', 'a literal edge replacement'],
  [57386894, 'a?b？c', 'a？b‛？c', 'Question'],
  [62007182, '\tA\n', '␉A␊', 'LeftCrLfHtVt, RightCrLfHtVt'],
  [57091982, '.hid.', '．hid．', 'LeftPeriod, RightPeriod'],
  [323331982, 'wow!', 'wow！', 'Exclamation'],
  [117553486, '[1]#50%$', '［1］＃50％＄', 'SquareBracket, Hash, Percent, Dollar'],
  [52666494, "it's `x`", 'it＇s ｀x｀', 'SingleQuote, BackQuote'],
  [134217728, 'a;b', 'a；b', 'Semicolon'],
  [16777216, 'a/b', 'a/b', 'no Slash rule'],
  [16777216, 'a‛FFb', 'a‛‛FFb', 'a look-alike of an escaped byte'],
  [16777216, '\uFFFD', '\uFFFD', 'a genuine replacement character'],
  [0, 'a\0b␀', 'a␀b‛␀', 'NUL without any bit'],
  [2, 'x\0', 'x␀', 'NUL beside another rule'],
  [16875520, '..', '..', 'no Dot rule'],
  [1, 'a/b\0‛␀..\n', 'a/b\0‛␀..\n', 'Raw'],
  [1, '..', '..', 'Raw keeps dots'],
  [50438146, '', '', 'nothing'],
  [2097152, '‛ ', '‛‛␠', 'a quote before a replaced last character'],
  [2097152, '‛␠', '‛‛‛␠', 'a quote before a literal last replacement'],
  [16777216, '漢字 👩‍👧', '漢字 👩‍👧', 'other scripts'],
]

/** Mask, wire name, our name, for wire names that no encoder made. */
const foreignVectors: readonly (readonly [mask: number, wire: string, name: string, shows: string])[] = [
  [50438146, 'x‛', 'x‛', 'a lone quote at the end is kept'],
  [50438146, '‛x', '‛x', 'a quote before an ordinary character is kept'],
  [16777216, 'a‛4', 'a‛4', 'half a hexadecimal pair is kept'],
  [16777216, 'a‛4g', 'a‛4g', 'a broken hexadecimal pair is kept'],
  [50438146, 'why？', 'why？', 'a rule that is not active is not undone'],
  [16777216, '‛C3‛A9', 'é', 'escaped bytes that make up a character'],
  [16777216, 'a‛FFb', 'a‛FFb', 'an escaped byte that no string can hold stays escaped'],
]

/** Mask, our name, wire name, in hexadecimal, for names that are not UTF-8. */
const byteVectors: readonly (readonly [mask: number, name: string, wire: string, shows: string])[] = [
  [16777216, '61ff62', '61e2809b464662', 'InvalidUtf8'],
  [2, '61ff', '61ff', 'without InvalidUtf8 the byte is kept'],
  [16777216, 'e0a061', 'e2809b4530e2809b413061', 'a cut sequence is invalid byte by byte'],
  [16777216, 'eda080', 'e2809b4544e2809b4130e2809b3830', 'a surrogate is not UTF-8'],
  [16777216, 'c080', 'e2809b4330e2809b3830', 'an overlong form is not UTF-8'],
  [16777216, 'f0908d88ff', 'f0908d88e2809b4646', 'valid characters beside an invalid byte'],
]

/** The defaults of the providers, and masks that hold every bit at least once. */
const providerMasks = [
  16_777_216, 16_777_218, 16_842_754, 16_850_954, 16_875_520, 21_078_018, 33_554_434, 50_331_650, 50_348_034,
  50_397_186, 50_429_954, 50_431_886, 50_436_354, 50_438_146, 50_438_154, 50_440_078, 50_446_342, 50_561_070,
  52_469_762, 52_535_298, 52_543_246, 52_559_874, 52_666_494, 54_634_382, 56_829_838, 57_091_982, 57_386_894,
  60_923_906, 62_007_182, 117_553_486, 323_331_982,
]

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Mostly characters that some rule knows, since random text hardly ever meets one. */
const knownCharacters = [...new Set(nameClasses.flatMap(({ from, to }) => Array.from(from + to)))]
const characters = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...knownCharacters) },
  { weight: 3, arbitrary: fc.constantFrom('‛', '‛', '␀', '\0', 'F', '4', 'a', 'é', '漢', '😀', '\uFFFD') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
)
const names = fc.array(characters, { maxLength: 6 }).map((parts) => parts.join(''))
const masks = fc.oneof(
  fc.constantFrom(...providerMasks),
  fc.integer({ min: 0, max: 2 ** 29 - 1 }),
  fc.nat(28).map((place) => 2 ** place),
)
const byteNames = fc
  .array(
    fc.oneof(
      characters.map((text) => [...Buffer.from(text)]),
      fc.uint8Array({ maxLength: 3 }).map((all) => [...all]),
    ),
    {
      maxLength: 5,
    },
  )
  .map((parts) => Uint8Array.from(parts.flat()))

/** These are refused under masks that would store them as what stands for `..`. */
const ambiguous: readonly string[] = ['．.', '.．']

function isRefused(mask: number, name: Uint8Array): boolean {
  try {
    encodeNameBytes(mask, name)
    return false
  } catch (error) {
    return StorageError.is(error, 'InvalidPath') && ambiguous.includes(Buffer.from(name).toString())
  }
}

describe('the name codec', () => {
  it.each(vectors)('mask %i encodes %j as %j and back: %s', (mask, name, wire) => {
    expect(encodeName(mask, name)).toBe(wire)
    expect(decodeName(mask, wire)).toBe(name)
  })

  it.each(foreignVectors)('mask %i decodes the foreign name %j to %j: %s', (mask, wire, name) => {
    expect(decodeName(mask, wire)).toBe(name)
  })

  it.each(byteVectors)('mask %i encodes the bytes %s as %s and back: %s', (mask, name, wire) => {
    expect(hex(encodeNameBytes(mask, Buffer.from(name, 'hex')))).toBe(wire)
    expect(hex(decodeNameBytes(mask, Buffer.from(wire, 'hex')))).toBe(name)
  })

  it('reads an escaped byte in lower case too', () => {
    expect(hex(decodeNameBytes(16_777_216, Buffer.from('a‛ffb')))).toBe('61ff62')
  })

  it('replaces the character of each rule by its documented stand-in', () => {
    const seen = nameClasses
      .filter(({ where }) => where === 'any' || where === 'first' || where === 'last')
      .map(({ bit, from, to }) => [Array.from(from, (one) => encodeName(bit, one)).join(''), to])
    for (const [encoded, to] of seen) expect(encoded).toBe(to)
    expect(encodeName(65_536, '\x01\x1f')).toBe('\u2401\u241F')
  })

  it('brings every name back, under every mask', () => {
    fc.assert(
      fc.property(masks, names, (mask, name) => {
        fc.pre(name.isWellFormed() && !isRefused(mask, Buffer.from(name)))
        expect(decodeName(mask, encodeName(mask, name))).toBe(name)
      }),
      { numRuns: 10_000 },
    )
  })

  it('brings every name of any bytes back, under every mask', () => {
    fc.assert(
      fc.property(masks, byteNames, (mask, name) => {
        fc.pre(!isRefused(mask, name))
        expect(hex(decodeNameBytes(mask, encodeNameBytes(mask, name)))).toBe(hex(name))
      }),
      { numRuns: 10_000 },
    )
  })

  it('leaves no character of an active rule in a wire name', () => {
    const places: Readonly<Record<string, (wire: string) => string>> = {
      any: (wire) => wire,
      first: (wire) => wire.charAt(0),
      // The only character of a name has the left rule alone.
      last: (wire) => (wire.length > 1 ? wire.charAt(wire.length - 1) : ''),
    }
    fc.assert(
      fc.property(masks, names, (mask, name) => {
        fc.pre(name.isWellFormed() && mask !== 1 && !isRefused(mask, Buffer.from(name)))
        const wire = encodeName(mask, name)
        const left = nameClasses
          .filter(({ bit }) => (mask & bit) !== 0)
          .flatMap(({ where, from }) => Array.from(places[where]?.(wire) ?? '').filter((one) => from.includes(one)))
        expect(left).toEqual([])
        expect(wire).not.toContain('\0')
      }),
      { numRuns: 5000 },
    )
  })

  it('decodes any text at all', () => {
    fc.assert(
      fc.property(masks, fc.oneof(names, fc.string({ unit: 'binary' })), (mask, wire) => {
        expect(typeof decodeName(mask, wire)).toBe('string')
      }),
    )
  })

  it.each([57_386_894, 56_829_838, 54_634_382])('mask %i refuses the name that would be read back as ..', (mask) => {
    expect(() => encodeName(mask, '．.')).toThrow(expect.objectContaining({ code: 'InvalidPath' }))
  })

  it('accepts that name where the left rule tells it apart', () => {
    for (const mask of [57_091_982, 323_331_982]) expect(decodeName(mask, encodeName(mask, '．.'))).toBe('．.')
  })

  it('refuses a lone surrogate, which would be sent as another character', () => {
    for (const mask of [0, 1, 16_777_216]) {
      expect(() => encodeName(mask, 'a\ud800')).toThrow(expect.objectContaining({ code: 'InvalidPath' }))
    }
  })

  it('keeps what a vendor gives that is not valid Unicode', () => {
    expect(decodeName(16_777_216, 'a\ud800‛FF')).toBe('a\ud800‛FF')
  })

  it('builds the tables of a mask once', () => {
    expect(tablesOf(50_438_146)).toBe(tablesOf(50_438_146))
  })

  it('keeps a bounded number of tables', () => {
    const first = tablesOf(2)
    for (let mask = 1000; mask < 1100; mask++) tablesOf(mask)
    expect(tablesOf(2)).not.toBe(first)
    expect(tablesOf(2)).toEqual(first)
  })
})
