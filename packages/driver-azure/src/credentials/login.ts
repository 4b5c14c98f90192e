import { StorageError } from '@filegate/core'
import { parseConnectionString } from './connection-string.ts'
import type { LoginOptions } from './options.ts'
import type { Service } from './service.ts'
import { parseServiceUrl } from './service-url.ts'

/** The ways to get a token of Microsoft Entra. */
export type TokenWay = 'environment' | 'secret' | 'certificate' | 'user' | 'file' | 'identity' | 'federated' | 'az'

/** How requests are let in. */
export type Way =
  | { readonly kind: 'key'; readonly account: string; readonly key: string }
  /** The query that every request carries, without `?`. */
  | { readonly kind: 'sas'; readonly query: string }
  | { readonly kind: 'token'; readonly by: TokenWay }
  | { readonly kind: 'anonymous' }

/** Where to go, and as whom. */
export interface Login {
  /** Address of the service, without `/` at its end. */
  readonly url: string
  /** Empty where no part of the options says it. */
  readonly account: string
  /** The only container or share that a signed URL opens. */
  readonly container?: string | undefined
  readonly way: Way
}

/** https://learn.microsoft.com/azure/storage/common/storage-use-azurite: the same for everybody, and so no secret. */
const emulator = {
  account: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
  origins: { blob: 'http://127.0.0.1:10000', file: 'http://127.0.0.1:10004' },
} as const

type Fits = (options: LoginOptions) => boolean

const hasApplication: Fits = ({ tenant, client_id: id }) => tenant !== '' && id !== ''

/** In the order in which they are looked for; the first that fits is taken. */
const ways: readonly (readonly [way: TokenWay | 'emulator' | 'key' | 'sas' | 'string', fits: Fits])[] = [
  ['environment', ({ env_auth }) => env_auth],
  ['emulator', ({ use_emulator }) => use_emulator === true],
  ['key', ({ account, key }) => account !== '' && key !== ''],
  ['sas', ({ sas_url: url }) => url !== ''],
  ['string', ({ connection_string: text = '' }) => text !== ''],
  ['secret', (options) => hasApplication(options) && options.client_secret !== ''],
  ['certificate', (options) => hasApplication(options) && options.client_certificate_path !== ''],
  ['user', (options) => hasApplication(options) && options.username !== '' && options.password !== ''],
  ['file', ({ service_principal_file: file }) => file !== ''],
  ['identity', ({ use_msi }) => use_msi],
  ['federated', (options) => hasApplication(options) && options.msi_client_id !== ''],
  ['az', ({ use_az }) => use_az === true],
]

const wrong = (message: string): StorageError => new StorageError('InvalidArgument', message)

/**
 * What the options mean. Nothing is read or asked for yet.
 * @param machineAccount name of the account that the environment says, for `env_auth`
 * @throws StorageError `InvalidArgument` that names the option
 */
export function resolveLogin(options: LoginOptions, service: Service, machineAccount = ''): Login {
  const [way] = ways.find(([, fits]) => fits(options)) ?? ['anonymous' as const]
  if (way === 'emulator') return emulatorLogin(options, service)
  if (way === 'sas') return sasLogin(options.sas_url, service)
  if (way === 'string') return stringLogin(options.connection_string ?? '', service)
  const account = options.account || (way === 'environment' ? machineAccount : '')
  const url = addressOf(account, options.endpoint, service)
  if (way === 'key') return { url, account, way: { kind: 'key', account, key: checkedKey(options.key) } }
  if (way === 'anonymous') return { url, account, way: { kind: 'anonymous' } }
  if (!url.startsWith('https:')) throw wrong('endpoint: must begin with https: where a token logs in.')
  return { url, account, way: { kind: 'token', by: way } }
}

/** What is wrong with the options together, as their schema reports it: `[option, problem]`. */
export function loginProblems(options: LoginOptions, service: Service): readonly (readonly [string, string])[] {
  const problems: (readonly [string, string])[] = [...partialProblems(options)]
  try {
    // The environment is not looked at here.
    resolveLogin(options, service, options.env_auth ? 'account' : '')
  } catch (error) {
    if (!StorageError.is(error)) throw error
    const [, option = 'account', problem = error.message] = /^(\w+): (.*?)\.?$/s.exec(error.message) ?? []
    problems.push([option, problem])
  }
  return problems
}

/** Halves of a way to log in; left alone they would count for nothing. */
function partialProblems(options: LoginOptions): (readonly [string, string])[] {
  const { tenant, client_id: id, client_secret: secret, client_certificate_path: path } = options
  const { username, password, key, account, msi_client_id, msi_object_id, msi_mi_res_id } = options
  const problems: (readonly [string, string])[] = []
  if ([msi_client_id, msi_object_id, msi_mi_res_id].filter((given) => given !== '').length > 1) {
    problems.push([
      'msi_client_id',
      'is one of three ways to say the same: give msi_object_id or msi_mi_res_id or this',
    ])
  }
  if (ways.some(([, fits]) => fits(options))) return problems
  if (username !== '' && password === '') problems.push(['password', 'is required with username'])
  if (password !== '' && username === '') problems.push(['username', 'is required with password'])
  const proof = [secret, path, password].some((given) => given !== '')
  if (proof && tenant === '') problems.push(['tenant', 'is required to log in so'])
  if (proof && id === '') problems.push(['client_id', 'is required to log in so'])
  if (!proof && id !== '') problems.push(['client_secret', 'is required with client_id, or another proof of it'])
  if ((msi_object_id || msi_mi_res_id || msi_client_id) !== '') problems.push(['use_msi', 'is required with msi_...'])
  if (key !== '' && account === '') problems.push(['account', 'is required with key'])
  return problems
}

function emulatorLogin(options: LoginOptions, service: Service): Login {
  const account = options.account || emulator.account
  const url = options.endpoint === '' ? `${emulator.origins[service]}/${account}` : endpointUrl(options.endpoint)
  return { url, account, way: { kind: 'key', account, key: checkedKey(options.key || emulator.key) } }
}

function sasLogin(text: string, service: Service, option = 'sas_url'): Login {
  const query = text.includes('?') ? text.slice(text.indexOf('?') + 1).replace(/#.*$/s, '') : ''
  const place = parseServiceUrl(text.replace(/[?#].*$/s, ''))
  const kind = service === 'blob' ? 'container' : 'share'
  if (!place) throw wrong(`${option}: must be the URL of an account or of a ${kind}.`)
  if (!new URLSearchParams(query).has('sig')) throw wrong(`${option}: has no signature (sig=...) in it.`)
  const { url, account, container } = place
  return { url, account, ...(container !== '' && { container }), way: { kind: 'sas', query } }
}

function stringLogin(text: string, service: Service): Login {
  const { account, key, sas, endpoint } = parseConnectionString(text, service)
  if (endpoint === '') throw wrong('connection_string: names neither an account nor an endpoint.')
  if (sas !== '') return sasLogin(`${endpoint}?${sas}`, service, 'connection_string')
  if (account === '' || key === '') throw wrong('connection_string: holds neither a key nor a signature.')
  const url = endpointUrl(endpoint, 'connection_string')
  return { url, account, way: { kind: 'key', account, key: checkedKey(key, 'connection_string') } }
}

function addressOf(account: string, endpoint: string, service: Service): string {
  if (endpoint !== '') return endpointUrl(endpoint)
  if (account === '') throw wrong('account: is required, unless sas_url or endpoint says where to connect.')
  // The name becomes part of a host's.
  if (!/^[a-z0-9]{3,24}(?:-secondary)?$/.test(account)) {
    throw wrong('account: must be 3 to 24 lower-case letters and digits.')
  }
  return `https://${account}.${service}.core.windows.net`
}

function endpointUrl(text: string, option = 'endpoint'): string {
  const place = parseServiceUrl(text)
  if (!place || place.container !== '' || /[?#]/.test(text)) {
    throw wrong(`${option}: must be the URL of the service, such as https://name.blob.core.windows.net.`)
  }
  return place.url
}

function checkedKey(key: string, option = 'key'): string {
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(key) && key.length % 4 === 0) return key
  throw wrong(`${option}: the key must be Base64, as the portal shows it.`)
}
