import { StorageError } from '@filegate/core'
import { describe, expect, test } from 'vitest'
import { createAttempts } from './attempts.ts'

function clocked() {
  const clock = { time: 1_000_000 }
  return { clock, attempts: createAttempts(() => clock.time) }
}

/** The wait before an attempt that then fails; the seconds of Retry-After where it was refused. */
function fail(attempts: ReturnType<typeof createAttempts>, address: string, account = 'ann'): number | string {
  try {
    const attempt = attempts.begin(address, account)
    attempt.end('failed')
    return attempt.wait
  } catch (error) {
    if (!StorageError.is(error, 'Throttled')) throw error
    return `${error.retryAfter} s`
  }
}

describe('createAttempts', () => {
  test('lets people mistype, then slows down, then refuses', () => {
    const { attempts } = clocked()
    const waits = Array.from({ length: 12 }, () => fail(attempts, '192.0.2.1'))
    expect(waits).toEqual([0, 0, 0, 0, 0, 0, 250, 500, 1000, 2000, '4 s', '4 s'])
  })

  test('lets one attempt through when the time is over, and doubles it after that', () => {
    const { attempts, clock } = clocked()
    for (let count = 0; count < 10; count += 1) fail(attempts, '192.0.2.1')
    clock.time += 4_000
    expect(fail(attempts, '192.0.2.1')).toBe(0)
    expect(fail(attempts, '192.0.2.1')).toBe('8 s')
    clock.time += 8_000
    expect(fail(attempts, '192.0.2.1')).toBe(0)
    expect(fail(attempts, '192.0.2.1')).toBe('16 s')
  })

  test('never makes anybody wait longer than a minute', () => {
    const { attempts, clock } = clocked()
    for (let count = 0; count < 40; count += 1) {
      fail(attempts, '192.0.2.1')
      clock.time += 60_000
    }
    fail(attempts, '192.0.2.1')
    expect(fail(attempts, '192.0.2.1')).toBe('60 s')
  })

  test('forgets after a success, and after a quarter of an hour', () => {
    const { attempts, clock } = clocked()
    for (let count = 0; count < 8; count += 1) fail(attempts, '192.0.2.1')
    attempts.begin('192.0.2.1', 'ann').end('succeeded')
    expect(fail(attempts, '192.0.2.1')).toBe(0)
    for (let count = 0; count < 20; count += 1) fail(attempts, '192.0.2.1')
    clock.time += 16 * 60_000
    expect(Array.from({ length: 6 }, () => fail(attempts, '192.0.2.1'))).toEqual([0, 0, 0, 0, 0, 0])
  })

  test('does not count what was never decided', () => {
    const { attempts } = clocked()
    for (let count = 0; count < 100; count += 1) attempts.begin('192.0.2.1', 'ann').end('undecided')
    expect(fail(attempts, '192.0.2.1')).toBe(0)
  })

  test('slows an account down that is tried from everywhere, ten times later', () => {
    const { attempts } = clocked()
    const waits = Array.from({ length: 200 }, (_, count) => fail(attempts, `192.0.2.${count}`))
    expect(waits.slice(0, 60)).toEqual(Array(60).fill(0))
    expect(waits.at(-1)).toMatch(/ s$/)
    expect(fail(attempts, '198.51.100.1', 'bob')).toBe(0)
  })

  test('counts the addresses of one IPv6 network as one', () => {
    const { attempts } = clocked()
    for (let count = 0; count < 12; count += 1) fail(attempts, `2001:db8:1:2::${count}`, `user ${count}`)
    expect(fail(attempts, '2001:db8:1:2:ffff::1', 'ann')).toBe('4 s')
    expect(fail(attempts, '2001:db8:1:3::1', 'ann')).toBe(0)
  })

  test('counts an IPv4 address as one however it is written', () => {
    const { attempts } = clocked()
    for (let count = 0; count < 12; count += 1) fail(attempts, '::ffff:192.0.2.1', `user ${count}`)
    expect(fail(attempts, '192.0.2.1', 'ann')).toBe('4 s')
  })

  test('lets only so many run at once, so that guessing in parallel gains nothing', () => {
    const { attempts } = clocked()
    const running = Array.from({ length: 32 }, () => attempts.begin('192.0.2.1', 'ann'))
    expect(() => attempts.begin('192.0.2.1', 'ann')).toThrow(/Too many failed log-ins/)
    for (const attempt of running) attempt.end('failed')
    expect(fail(attempts, '192.0.2.1')).toBe('60 s')
  })

  test('keeps a bounded memory however many addresses try', () => {
    const { attempts } = clocked()
    for (let count = 0; count < 12; count += 1) fail(attempts, '192.0.2.1')
    for (let count = 0; count < 11_000; count += 1) fail(attempts, `address ${count}`, `account ${count}`)
    expect(fail(attempts, '192.0.2.1')).toBe(0)
  })
})
