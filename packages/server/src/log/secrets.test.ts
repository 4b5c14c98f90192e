import { describe, expect, test } from 'vitest'
import { maskHeader, maskTarget } from './secrets.ts'

describe('maskTarget', () => {
  test.each([
    ['/a?token=abc', '/a?token=***'],
    ['/a?x=1&access_token=abc&y=2', '/a?x=1&access_token=***&y=2'],
    ['/a?%74oken=abc', '/a?%74oken=***'],
    ['/a?PASSWORD=abc', '/a?PASSWORD=***'],
    ['/a?api_key=abc&sig=def', '/a?api_key=***&sig=***'],
    ['/oauth/callback?code=abc&state=def', '/oauth/callback?code=***&state=***'],
    ['/a?q=a=b', '/a?q=a=b'],
    ['/token=abc?x', '/token=abc?x'],
    ['/a?zip', '/a?zip'],
    ['/a', '/a'],
  ])('shows %s as %s', (target, shown) => {
    expect(maskTarget(target)).toBe(shown)
  })
})

describe('maskHeader', () => {
  test.each([
    ['authorization', 'Basic YTpi', '***'],
    ['proxy-authorization', 'Basic YTpi', '***'],
    ['cookie', 'a=b', '***'],
    ['x-api-key', 'abc', '***'],
    ['x-auth-token', 'abc', '***'],
    ['user-agent', 'curl/8', 'curl/8'],
    ['referer', 'http://x/?token=abc&y', 'http://x/?token=***&y'],
  ])('shows %s: %s as %s', (name, value, shown) => {
    expect(maskHeader(name, value)).toBe(shown)
  })
})
