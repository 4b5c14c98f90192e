import { resolve } from 'node:path'
import { StorageError } from '@filegate/core'
import type { Flag } from './flags.ts'
import type { ValueKind } from './value-kinds.ts'

type Pairs = ReadonlyMap<string, string>

/** `drive=...`, several with commas or as a list; in YAML a mapping, too. Values are not repeated: secrets may be put there by mistake. */
const pairs =
  (what: string): ValueKind<Pairs> =>
  (value) => {
    const refuse = (): never => {
      throw new StorageError('InvalidArgument', `takes a provider and ${what}, such as drive=${what.split(' ').at(-1)}`)
    }
    const split = (text: string): readonly (readonly [string, unknown])[] =>
      text.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1)])
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
    const given: readonly unknown[] = Array.isArray(value) ? value : [value]
    const entries = isMapping
      ? Object.entries(value)
      : given.flatMap((text) => (typeof text === 'string' && text.includes('=') ? split(text) : refuse()))
    return new Map(
      entries.map(([provider, text]) => {
        const trimmed = typeof text === 'string' ? text.trim() : ''
        return /^[a-z0-9-]+$/.test(provider) && trimmed !== '' ? ([provider, trimmed] as const) : refuse()
      }),
    )
  }

const files: ValueKind<Pairs> = (value, folder) =>
  new Map([...pairs('a FILE')(value, folder)].map(([provider, path]) => [provider, resolve(folder, path)]))

const publicUrl: ValueKind<string> = (value) => {
  const url = typeof value === 'string' ? URL.parse(value) : null
  const isPlain =
    url && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}${url.password}` === ''
  if (isPlain) return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  throw new StorageError('InvalidArgument', 'takes an address such as https://files.example.org')
}

/** The flags of logging in at vendors. */
export const oauthFlags = {
  'public-url': {
    argument: 'url',
    group: 'Listen',
    description:
      'Where users reach what is served here, when a proxy stands before it: https://files.example.org, with the path if there is one. Vendors send users back to /api/v1/oauth/callback there',
    default: 'where the request came',
    kind: publicUrl,
  },
  'oauth-client': {
    argument: 'provider=id',
    repeatable: true,
    group: 'Run',
    description:
      'OAuth client for backends that bring none, drive=ID say: an application that you registered with the vendor. Its secret goes into FILEGATE_OAUTH_DRIVE_SECRET',
    kind: pairs('an ID'),
  },
  'oauth-secret-file': {
    argument: 'provider=file',
    repeatable: true,
    group: 'Run',
    description: 'The file with the secret of that client, in place of the variable',
    completes: 'file',
    kind: files,
  },
} satisfies Record<string, Flag>
