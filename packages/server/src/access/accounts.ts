import type { AccountRule } from '../settings.ts'
import type { Credentials } from './credentials.ts'
import { type PasswordCheck, parsePassword } from './passwords.ts'

export interface Account {
  readonly user: string
  readonly paths: AccountRule['paths']
  readonly check: PasswordCheck
}

/** The accounts that have a name, and the one way to prove to be one of them. */
export class Accounts {
  readonly #byUser: ReadonlyMap<string, Account>
  /** One check for each amount of work that occurs. */
  readonly #works: ReadonlyMap<string, PasswordCheck>

  constructor(rules: readonly AccountRule[]) {
    const accounts = rules.flatMap(({ user, password, paths }): Account[] =>
      user === undefined || password === undefined ? [] : [{ user, paths, check: parsePassword(password) }],
    )
    this.#byUser = new Map(accounts.map((account) => [account.user, account]))
    this.#works = new Map(accounts.map(({ check }) => [check.work, check]))
  }

  get size(): number {
    return this.#byUser.size
  }

  /** The account that the credentials prove; undefined when they prove none. */
  verify(credentials: Credentials): Promise<Account | undefined> {
    return credentials.scheme === 'basic'
      ? this.#verifyUser(credentials.user, credentials.password)
      : this.#verifyToken(credentials.password)
  }

  /** Each refusal costs the same, whether the account exists or not: every kind of work once. */
  async #verifyUser(user: string, password: string): Promise<Account | undefined> {
    const account = this.#byUser.get(user)
    if (account && (await account.check.matches(password))) return account
    for (const [work, check] of this.#works) {
      if (work !== account?.check.work) await check.matches(password)
    }
    return undefined
  }

  /** Looks at all accounts, so that the time does not tell which one it was. Shared by two, a password proves neither. */
  async #verifyToken(token: string): Promise<Account | undefined> {
    const found: Account[] = []
    for (const account of this.#byUser.values()) {
      if (await account.check.matches(token)) found.push(account)
    }
    return found.length === 1 ? found[0] : undefined
  }
}
