import { describe, expect, test } from 'vitest'
import { isLocal, loopback, parseListenAddresses } from './listen-addresses.ts'

describe('parseListenAddresses', () => {
  test.each([
    ['127.0.0.1', { host: '127.0.0.1', port: 5000 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['::', { host: '::', port: 5000 }],
    ['::1', { host: '::1', port: 5000 }],
    ['[::1]', { host: '::1', port: 5000 }],
    ['[::1]:81', { host: '::1', port: 81 }],
    ['./my.sock', { socket: '/here/my.sock' }],
    ['my.sock', { socket: '/here/my.sock' }],
    ['/run/filegate/socket', { socket: '/run/filegate/socket' }],
  ])('reads %s', (text, address) => {
    expect(parseListenAddresses([text], 5000, '/here')).toEqual([address])
  })

  test.runIf(process.platform === 'linux')('reads the name of an abstract socket', () => {
    expect(parseListenAddresses(['@filegate'], 5000, '/here')).toEqual([{ socket: '@filegate' }])
  })

  test('reads localhost as the loopback addresses that there are', () => {
    expect(parseListenAddresses(['localhost'], 5000, '/here')).toEqual(loopback(5000))
    expect(parseListenAddresses(['localhost:81'], 5000, '/here')).toEqual(loopback(81))
    expect(loopback(5000)[0]).toEqual({ host: '127.0.0.1', port: 5000 })
  })

  test.each([
    ['example.org', 'neither an IP address'],
    ['1.2.3', 'neither an IP address'],
    ['256.0.0.1', 'neither an IP address'],
    ['127.0.0.1:99999', 'port 99999 is above 65535'],
    ['@', 'neither an IP address'],
    [`/${'x'.repeat(120)}`, 'too long'],
  ])('refuses %s', (text, problem) => {
    expect(() => parseListenAddresses([text], 5000, '/here')).toThrow(problem)
  })

  test('knows what only this machine can reach', () => {
    expect(isLocal({ host: '127.0.0.2', port: 1 })).toBe(true)
    expect(isLocal({ host: '::1', port: 1 })).toBe(true)
    expect(isLocal({ socket: '/x' })).toBe(true)
    expect(isLocal({ host: '0.0.0.0', port: 1 })).toBe(false)
    expect(isLocal({ host: '::', port: 1 })).toBe(false)
    expect(isLocal({ host: '192.0.2.1', port: 1 })).toBe(false)
  })
})
