import { afterEach, expect, it, vi } from 'vitest'
import { expectLendable } from './lent-credentials.ts'

const vendor = { name: 'Example', hosts: ['example.com'] }
const allowed = (url: string): boolean => {
  try {
    expectLendable(url, vendor)
    return true
  } catch {
    return false
  }
}

afterEach(() => vi.unstubAllEnvs())

it.each([
  ['https://example.com', true],
  ['https://a.b.EXAMPLE.com/path', true],
  ['https://example.com:8443/', true],
  ['http://127.0.0.1:10000/account', true],
  ['http://localhost:1', true],
  ['http://[::1]:1', true],
  ['https://example.com.evil.org', false],
  ['https://notexample.com', false],
  ['https://example.com@evil.org', false],
  ['https://evil.org/example.com', false],
  ['https://evil.org#.example.com', false],
  ['https://127.0.0.1.evil.org', false],
  ['https://127.evil.org', false],
  ['https://localhost.evil.org', false],
  ['https://10.0.0.1', false],
  ['https://example.com.', false],
])('what the machine logs in with goes to %s: %s', (url, may) => {
  expect(allowed(url)).toBe(may)
})

it('its operator can allow more hosts', () => {
  expect(() => expectLendable('https://storage.corp.net', vendor)).toThrow(
    /hosts of Example only.*FILEGATE_CREDENTIALS_HOSTS/,
  )
  vi.stubEnv('FILEGATE_CREDENTIALS_HOSTS', 'other.net, Corp.net')
  expect(allowed('https://storage.corp.net')).toBe(true)
  expect(allowed('https://corp.net.evil.org')).toBe(false)
  vi.stubEnv('FILEGATE_CREDENTIALS_HOSTS', ',')
  expect(allowed('https://evil.org')).toBe(false)
})
