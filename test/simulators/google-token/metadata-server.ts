import type { IncomingHttpHeaders } from 'node:http'
import { findToken, type Holder, issueToken, type IssuedToken, type TokenDirectory } from './token-directory.ts'

/** What a machine of Google's is told about itself. */
export interface AttachedAccount {
  readonly holder: Holder
  readonly scopes: readonly string[]
  readonly project: { readonly id: string; readonly number: string }
}

export interface MetadataAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

const plain = (text: string, status = 200): MetadataAnswer => ({ status, contentType: 'application/text', text })
const asJson = (value: unknown): MetadataAnswer => ({
  status: 200,
  contentType: 'application/json',
  text: JSON.stringify(value),
})

/**
 * The metadata server (cloud.google.com/compute/docs/metadata/querying-metadata). It answers only who sends
 * `Metadata-Flavor: Google`, and nobody who comes through a proxy.
 */
export function metadataServer(directory: TokenDirectory, attached: () => AttachedAccount | undefined) {
  /** The service gives the same token out until it is about to end. */
  const given = new Map<string, IssuedToken>()

  function tokenOf({ holder, scopes }: AttachedAccount, wanted: string | null): MetadataAnswer {
    const asked = wanted === null || wanted === '' ? scopes : wanted.split(',')
    const key = `${holder.email} ${asked.join(' ')}`
    const kept = given.get(key)
    const good = kept !== undefined && findToken(directory, kept.token) && kept.ends - directory.now() > 240_000
    const issued = good ? kept : issueToken(directory, holder, asked)
    given.set(key, issued)
    const left = Math.floor((issued.ends - directory.now()) / 1000)
    return asJson({ access_token: issued.token, expires_in: left, token_type: 'Bearer' })
  }

  function accountAnswer(account: AttachedAccount, rest: string, query: URLSearchParams): MetadataAnswer | undefined {
    const { holder, scopes } = account
    const [name = '', member = ''] = rest.split('/')
    const about = { aliases: ['default'], email: holder.email, scopes }
    if (name === '') {
      return query.get('recursive') === 'true'
        ? asJson({ default: about, [holder.email]: about })
        : plain(`default/\n${holder.email}/\n`)
    }
    if (name !== 'default' && decodeURIComponent(name) !== holder.email) return undefined
    switch (member) {
      case '':
        return query.get('recursive') === 'true' ? asJson(about) : plain('aliases\nemail\nidentity\nscopes\ntoken\n')
      case 'aliases':
        return plain('default\n')
      case 'email':
        return plain(holder.email)
      case 'scopes':
        return plain(`${scopes.join('\n')}\n`)
      case 'token':
        return tokenOf(account, query.get('scopes'))
      default:
        return undefined
    }
  }

  return function answer(path: string, query: URLSearchParams, headers: IncomingHttpHeaders): MetadataAnswer {
    if (headers['metadata-flavor'] !== 'Google') {
      return plain('Missing Metadata-Flavor:Google header.', 403)
    }
    if (headers['x-forwarded-for'] !== undefined) return plain('X-Forwarded-For is not allowed.', 403)
    const account = attached()
    const accounts = 'instance/service-accounts/'
    if (account) {
      if (path === 'project/project-id') return plain(account.project.id)
      if (path === 'project/numeric-project-id') return plain(account.project.number)
      if (path.startsWith(accounts)) {
        const found = accountAnswer(account, path.slice(accounts.length), query)
        if (found) return found
      }
    }
    if (path === 'universe/universe-domain') return plain('googleapis.com')
    if (path === '' || path === 'instance' || path === 'instance/') return plain('service-accounts/\nzone\n')
    return plain('Not Found', 404)
  }
}
