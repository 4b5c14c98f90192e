import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { preferredType } from './accept.ts'

const offers = ['text/html', 'application/json', 'text/plain'] as const
const prefer = (header: string | undefined) => preferredType(header, offers)

test('without a header, and with one that says nothing, the first offer is taken', () => {
  expect(prefer(undefined)).toBe('text/html')
  expect(prefer('')).toBe('text/html')
  expect(prefer('nonsense')).toBe('text/html')
  expect(prefer('*/*')).toBe('text/html')
})

test('a browser gets HTML', () => {
  expect(prefer('text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8')).toBe('text/html')
})

test('the higher weight wins whatever the order', () => {
  expect(prefer('text/html;q=0.5, application/json;q=0.9, text/plain;q=0.8')).toBe('application/json')
  expect(prefer('text/plain, text/html;q=0.999')).toBe('text/plain')
})

test('between equal weights the more exact range wins', () => {
  expect(prefer('application/json, text/plain, */*')).toBe('application/json')
  expect(prefer('*/*, text/plain')).toBe('text/plain')
  expect(prefer('text/*, application/json;q=0.5')).toBe('text/html')
})

test('an exact range overrides the wildcard, also to refuse', () => {
  expect(prefer('text/html;q=0, */*;q=0.1')).toBe('application/json')
  expect(prefer('text/*;q=0, */*')).toBe('application/json')
})

test('when every offer is refused there is none', () => {
  expect(prefer('image/png')).toBeUndefined()
  expect(prefer('*/*;q=0')).toBeUndefined()
})

test('types are compared without regard to case and parameters are passed over', () => {
  expect(prefer('Application/JSON; charset=utf-8')).toBe('application/json')
})

test('a malformed weight disqualifies its member only', () => {
  expect(prefer('application/json;q=2, text/plain;q=0.1')).toBe('text/plain')
})

test('any header at all ends in an offer or none, without an error', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (header) => {
      expect([undefined, ...offers]).toContain(prefer(header))
    }),
  )
})
