import { type DriverDefinition, defineDriver, memory, StorageError } from '@filegate/core'
import { authorizedFetch, oauthLogin, oauthOptions, type OAuthGiven } from '@filegate/core/oauth'
import { description, flag, strictOptions, text } from '@filegate/core/options'

export interface OAuthProvider {
  readonly definition: DriverDefinition
  /** How often it was connected. */
  readonly connected: () => number
}

/** A provider over memory that asks a vendor who it is before each answer. */
export function oauthProvider(vendor: string): OAuthProvider {
  let connected = 0
  const flow = {
    authorizeUrl: () => `${vendor}/authorize`,
    tokenUrl: () => `${vendor}/token`,
    scopes: () => ['files'],
    parameters: { access_type: 'offline' },
    needsUser: ({ token, client_credentials: asItself, key }: OAuthGiven & { readonly key: string }) =>
      token === undefined && !asItself && key === '',
  }
  const definition = defineDriver({
    slug: 'cloud',
    title: 'Demo Cloud',
    category: 'cloud',
    idPrefix: 'bnd_',
    options: strictOptions({
      ...oauthOptions(),
      key: text(),
      locked: flag().prefault(false),
      description: description(),
    }),
    oauth: flow,
    proof: 'simulator',
    classify: (error) => (member(error, 'tokenError') === undefined ? undefined : 'Unauthenticated'),
    async connect(options, context) {
      const ask = authorizedFetch(oauthLogin(flow, options, context), context.fetch)
      const check = async (): Promise<void> => {
        const answer = await ask(`${vendor}/me`)
        await answer.arrayBuffer()
        if (!answer.ok) throw new StorageError('Unauthenticated', `The vendor answered ${answer.status}.`)
        if (options.locked) throw new StorageError('AccessDenied', 'This account is locked.')
      }
      await check()
      connected += 1
      const inner = memory({ 'who.txt': 'ada' })
      return {
        ...inner,
        async stat(path, asked) {
          await check()
          return inner.stat(path, asked)
        },
        async read(path, asked) {
          await check()
          return inner.read(path, asked)
        },
      }
    },
  })
  return { definition, connected: () => connected }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
