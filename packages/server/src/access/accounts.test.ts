import { describe, expect, test, vi } from 'vitest'
import { Accounts } from './accounts.ts'
import type { PasswordCheck } from './passwords.ts'

/** Passwords of two kinds of work; each check is counted. */
const checks = vi.hoisted((): string[] => [])
vi.mock('./passwords.ts', () => ({
  parsePassword: (text: string): PasswordCheck => {
    const work = text.startsWith('slow') ? 'slow' : 'plain'
    return {
      work,
      matches: async (candidate) => {
        checks.push(work)
        return candidate === text
      },
    }
  },
}))

const accounts = new Accounts([
  { user: 'ann', password: 'slow-a', paths: [] },
  { user: 'bob', password: 'slow-b', paths: [] },
  { user: 'cid', password: 'plain', paths: [] },
  { paths: [] },
])

async function workOf(user: string, password: string): Promise<string[]> {
  checks.length = 0
  await accounts.verify({ scheme: 'basic', user, password })
  return [...checks].sort()
}

describe('Accounts', () => {
  test('does the same work for every refusal, whoever it is and whether there is such an account', async () => {
    const unknown = await workOf('eve', 'guess')
    expect(unknown).toEqual(['plain', 'slow'])
    expect(await workOf('ann', 'guess')).toEqual(unknown)
    expect(await workOf('cid', 'guess')).toEqual(unknown)
  })

  test('looks at every account for a token, whichever it belongs to', async () => {
    for (const token of ['slow-a', 'plain', 'guess']) {
      checks.length = 0
      await accounts.verify({ scheme: 'bearer', password: token })
      expect(checks).toHaveLength(3)
    }
  })

  test('does not count the rule for everybody as an account', () => {
    expect(accounts.size).toBe(3)
  })
})
