import { isIPv6 } from 'node:net'
import { StorageError } from '@filegate/core'

/** Wrong passwords that cost nothing: people mistype. */
const free = 5
const firstPause = 250
const longestPause = 60_000
/** A wait up to this long is served by waiting; a longer one is answered with 429. Milliseconds. */
const patience = 2_000
/** Without another failure for this long, the earlier ones are forgotten. Milliseconds. */
const memory = 15 * 60_000
const mostKeys = 10_000
/** Log-ins of one address that may be under way at once; every failure takes one away. */
const together = 32

interface Record {
  failures: number
  underway: number
  /** When the next attempt may be made. */
  freeAt: number
  /** How many failures weigh as much as one of an address. */
  readonly leniency: number
}

/** `undecided`: the password was never looked at. */
export type Outcome = 'failed' | 'succeeded' | 'undecided'

/** One try to log in. */
export interface Attempt {
  /** Milliseconds to wait before the password is looked at. */
  readonly wait: number
  /** To be called once. */
  end(outcome: Outcome): void
}

export interface Attempts {
  /** @throws StorageError `Throttled` when there were too many failures. */
  begin(address: string | undefined, account: string): Attempt
}

/**
 * Slows down guessing, by address and by account. After a few failures each next attempt waits twice as long as the one
 * before. An account is ten times as patient as an address, or a stranger could lock its owner out with ease.
 */
export function createAttempts(now: () => number): Attempts {
  const records = new Map<string, Record>()
  const recordOf = (key: string, leniency: number): Record => {
    const known = records.get(key)
    const stale = known && known.underway === 0 && now() - known.freeAt > memory
    const record = known && !stale ? known : { failures: 0, underway: 0, freeAt: 0, leniency }
    // The newest stand last, so the first is the one to drop.
    records.delete(key)
    records.set(key, record)
    const [oldest] = records.keys()
    if (records.size > mostKeys && oldest !== undefined) records.delete(oldest)
    return record
  }
  return {
    begin(address, account) {
      const kept = [recordOf(`address ${network(address)}`, 1), recordOf(`account ${account}`, 10)]
      const wait = Math.max(0, ...kept.map((record) => record.freeAt - now()))
      if (wait > patience || kept.some(isCrowded)) throw throttled(Math.max(wait, 1_000))
      for (const record of kept) record.underway += 1
      return {
        wait,
        end(outcome) {
          for (const record of kept) {
            record.underway -= 1
            settle(record, outcome, now())
          }
        },
      }
    },
  }
}

function settle(record: Record, outcome: Outcome, now: number): void {
  if (outcome === 'undecided') return
  record.failures = outcome === 'failed' ? record.failures + 1 : 0
  record.freeAt = outcome === 'failed' ? Math.max(record.freeAt, now + pauseAfter(record)) : 0
}

function pauseAfter({ failures, leniency }: Record): number {
  const counted = Math.floor(failures / leniency) - free
  return counted <= 0 ? 0 : Math.min(longestPause, firstPause * 2 ** (counted - 1))
}

const isCrowded = ({ underway, failures, leniency }: Record): boolean =>
  underway >= Math.max(1, (together - failures / leniency) * leniency)

function throttled(milliseconds: number): StorageError {
  const retryAfter = Math.ceil(milliseconds / 1000)
  return new StorageError('Throttled', `Too many failed log-ins. Try again in ${retryAfter} s.`, { retryAfter })
}

/** Whoever has one IPv6 address has the 2^64 of its network, so those count as one. */
function network(address: string | undefined): string {
  if (address === undefined) return 'local'
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = (plain.split('%')[0] ?? '').split('::')
  const left = head.split(':').filter((group) => group !== '')
  const right = (tail ?? '').split(':').filter((group) => group !== '')
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}
