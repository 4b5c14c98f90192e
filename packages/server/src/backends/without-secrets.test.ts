import { secretText, strictOptions, text } from '@filegate/core/options'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scrubberOf } from './without-secrets.ts'

const definition = { options: strictOptions({ endpoint: text(), password: secretText(), token: secretText() }) }

describe('a text that somebody else wrote', () => {
  it('loses every secret, in whatever form it is repeated', () => {
    const password = 'p/ss w+rd"'
    const scrub = scrubberOf(definition, { endpoint: 'https://host', password })
    for (const form of [password, encodeURIComponent(password), JSON.stringify(password), btoa(password)]) {
      expect(scrub(`before ${form} after`)).toMatch(/^before "?\[redacted\]"? after$/)
    }
  })

  it('loses what is inside of a token', () => {
    const token = JSON.stringify({ access_token: 'abc-access', refresh_token: 'def-refresh', expiry: 5 })
    const scrub = scrubberOf(definition, { token })
    expect(scrub('abc-access, def-refresh')).toBe('[redacted], [redacted]')
  })

  it('is not looked for without end', () => {
    expect(scrubberOf(definition, { token: '['.repeat(30_000) + ']'.repeat(30_000) })('fine')).toBe('fine')
  })

  it('loses the password and the query of an address, and what has an unknown name', () => {
    const scrub = scrubberOf(definition, {
      endpoint: 'https://ada:hunter22@host/path?sig=abcdef',
      passwort: 'typed-wrong',
    })
    expect(scrub('https://ada:hunter22@host/path?sig=abcdef typed-wrong')).toBe(
      'https://ada:[redacted]@host/path?[redacted] [redacted]',
    )
  })

  it('keeps the rest', () => {
    expect(scrubberOf(definition, { endpoint: 'https://host', password: '' })('https://host is down')).toBe(
      'https://host is down',
    )
  })

  it('never holds the secret', () => {
    const secret = fc.string({ minLength: 4, unit: 'grapheme' }).filter((value) => !'[redacted]'.includes(value))
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (password, before, after) => {
        fc.pre(!`${before} | ${after}`.includes(password))
        expect(scrubberOf(definition, { password })(`${before} ${password} ${after}`).includes(password)).toBe(false)
      }),
    )
  })
})
