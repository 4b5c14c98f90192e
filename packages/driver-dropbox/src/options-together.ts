import type { DropboxOptions } from './options.ts'

export type Problem = readonly [option: keyof DropboxOptions, problem: string]

/** What is wrong with options that are right one by one. */
export function problemsTogether(options: DropboxOptions): readonly Problem[] {
  return [addressProblems, clientProblems, namespaceProblems, sharingProblems].flatMap((find) => find(options))
}

function addressProblems(options: DropboxOptions): Problem[] {
  return (['auth_url', 'token_url'] as const)
    .filter((name) => options[name] !== '' && !isWebAddress(options[name]))
    .map((name) => [name, 'must be a URL such as https://accounts.example.com/token, without a login'])
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === ''
}

function clientProblems(options: DropboxOptions): Problem[] {
  if (!options.client_credentials) return []
  return (['client_id', 'client_secret'] as const)
    .filter((name) => options[name] === '')
    .map((name) => [name, 'is required with client_credentials'])
}

function namespaceProblems({ root_namespace: namespace }: DropboxOptions): Problem[] {
  return /^\d*$/.test(namespace) ? [] : [['root_namespace', 'must be the number of a namespace']]
}

function sharingProblems({ shared_files, shared_folders }: DropboxOptions): Problem[] {
  return shared_files && shared_folders ? [['shared_files', 'cannot go together with shared_folders']] : []
}
