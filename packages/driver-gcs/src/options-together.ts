import { StorageError } from '@filegate/core'
import { parseEndpoint } from './endpoint.ts'
import type { GcsOptions } from './options.ts'

export type Problem = readonly [option: keyof GcsOptions, problem: string]

/** What is wrong with options that are right one by one. */
export function problemsTogether(options: GcsOptions): readonly Problem[] {
  return [endpointProblems, addressProblems, clientProblems].flatMap((find) => find(options))
}

function endpointProblems({ endpoint }: GcsOptions): Problem[] {
  try {
    parseEndpoint(endpoint)
    return []
  } catch (error) {
    if (!StorageError.is(error)) throw error
    return [['endpoint', error.message]]
  }
}

function addressProblems(options: GcsOptions): Problem[] {
  return (['auth_url', 'token_url'] as const)
    .filter((name) => options[name] !== '' && !isWebAddress(options[name]))
    .map((name) => [name, 'must be a URL such as https://accounts.example.com/token, without a login'])
}

export function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === ''
}

function clientProblems(options: GcsOptions): Problem[] {
  if (!options.client_credentials) return []
  return (['client_id', 'client_secret', 'token_url'] as const)
    .filter((name) => options[name] === '')
    .map((name) => [name, 'is required with client_credentials'])
}
