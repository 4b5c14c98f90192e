import { describe, expect, test } from 'vitest'
import { compileLogFormat, defaultLogFormat, type LoggedRequest } from './format.ts'

const request: LoggedRequest = {
  remoteAddress: '::ffff:192.0.2.1',
  user: 'ann',
  method: 'GET',
  target: '/caf%C3%A9/a.txt?x=1&token=abc',
  headers: { 'user-agent': 'curl "8"\n', authorization: 'Basic c2VjcmV0', 'x-two': 'a, b' },
  status: 206,
  bodyBytesSent: () => 1234,
  time: Date.UTC(2026, 10, 21, 19, 43, 5, 678),
  duration: 12.3456,
}
const line = (format: string, changes: Partial<LoggedRequest> = {}) =>
  compileLogFormat(format)({ ...request, ...changes })

describe('compileLogFormat', () => {
  test.each([
    ['$remote_addr', '192.0.2.1'],
    ['$remote_user', 'ann'],
    ['$request', 'GET /café/a.txt?x=1&token=***'],
    ['$request_method', 'GET'],
    ['$request_uri', '/café/a.txt?x=1&token=***'],
    ['$status', '206'],
    ['$msec', '1795290185.678'],
    ['$log_level', 'INFO'],
    ['$body_bytes_sent', '1234'],
    ['$request_time', '0.012'],
    ['$http_user_agent', String.raw`curl \"8\"\x0a`],
    ['$http_x_two', 'a, b'],
    ['$http_missing', '-'],
    ['$http_authorization', '***'],
    ['a $status-b$ 5$', 'a 206-b$ 5$'],
    ['', ''],
  ])('%s becomes %s', (format, expected) => {
    expect(line(format)).toBe(expected)
  })

  test('writes local times with their offset', () => {
    expect(line('$time_iso8601')).toMatch(/^2026-11-2\dT\d\d:\d\d:05[+-]\d\d:\d\d$/)
    expect(Date.parse(line('$time_iso8601'))).toBe(Math.floor(request.time / 1000) * 1000)
    expect(line('$time_local')).toMatch(/^2\d\/Nov\/2026:\d\d:\d\d:05 [+-]\d{4}$/)
  })

  test('calls what went wrong on our side an error', () => {
    expect(line('$log_level', { status: 500 })).toBe('ERROR')
    expect(line('$log_level', { status: 404 })).toBe('INFO')
  })

  test('shows a dash for what is not known', () => {
    expect(line('$remote_addr $remote_user', { remoteAddress: undefined, user: null })).toBe('- -')
  })

  test('lets nobody write a line of their own', () => {
    const target = '/a%0d%0a2026-01-01T00:00:00Z INFO - 10.0.0.1 "GET /b" 200'
    expect(line(defaultLogFormat, { target })).not.toMatch(/[\r\n]/)
    expect(line('$request', { target: '/a"b' })).toBe(String.raw`GET /a\"b`)
    expect(line('$remote_user', { user: 'a\nb' })).toBe(String.raw`a\x0ab`)
  })

  test('shows a target that does not decode as it came', () => {
    expect(line('$request_uri', { target: '/a%zz%00' })).toBe('/a%zz%00')
  })

  test('refuses a variable that does not exist, and lists those that do', () => {
    expect(() => compileLogFormat('$remote_adr')).toThrow('there is no variable $remote_adr; there are $remote_addr, ')
    expect(() => compileLogFormat('$constructor')).toThrow('no variable $constructor')
  })
})
