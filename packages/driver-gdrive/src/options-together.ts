import { isExtension } from './formats.ts'
import type { DriveOptions } from './options.ts'
import { scopeWords } from './scopes.ts'

export type Problem = readonly [option: keyof DriveOptions, problem: string]

/** What is wrong with options that are right one by one. */
export function problemsTogether(options: DriveOptions): readonly Problem[] {
  return [scopeProblems, addressProblems, loginProblems, rootProblems, formatProblems, sizeProblems].flatMap((find) =>
    find(options),
  )
}

function scopeProblems({ scope }: DriveOptions): Problem[] {
  const unknown = scope.some((word) => !scopeWords.includes(word))
  return unknown ? [['scope', `must be some of ${scopeWords.join(', ')}`]] : []
}

function addressProblems(options: DriveOptions): Problem[] {
  return (['auth_url', 'token_url'] as const)
    .filter((name) => options[name] !== '' && !isWebAddress(options[name]))
    .map((name) => [name, 'must be a URL such as https://accounts.example.com/token, without a login'])
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === ''
}

function loginProblems(options: DriveOptions): Problem[] {
  const isServiceAccount = options.service_account_credentials !== undefined || options.service_account_file !== ''
  const problems: Problem[] = []
  if (options.impersonate !== '' && !isServiceAccount) {
    problems.push(['impersonate', 'needs service_account_credentials or service_account_file'])
  }
  if (options.client_credentials && options.client_id === '' && !isServiceAccount && !options.env_auth) {
    problems.push(['client_id', 'is required with client_credentials'])
  }
  return problems
}

function rootProblems(options: DriveOptions): Problem[] {
  const problems: Problem[] = []
  if (options.resource_key !== '' && options.root_folder_id === '') {
    problems.push(['resource_key', 'belongs to root_folder_id, which is not given'])
  }
  if (!/^[\w.-]*$/.test(options.root_folder_id)) problems.push(['root_folder_id', 'must be the id of a folder'])
  if (!/^[\w.-]*$/.test(options.team_drive)) problems.push(['team_drive', 'must be the id of a shared drive'])
  if (!/^[\w.-]*$/.test(options.resource_key)) problems.push(['resource_key', 'must be a resource key'])
  if (options.shared_with_me && options.team_drive !== '') {
    problems.push(['shared_with_me', 'cannot be combined with team_drive'])
  }
  return problems
}

function formatProblems(options: DriveOptions): Problem[] {
  const problems: Problem[] = []
  for (const name of ['export_formats', 'formats', 'import_formats'] as const) {
    const unknown = options[name].filter((word) => !isExtension(word))
    if (unknown.length > 0) problems.push([name, `must be endings that are known; ${unknown.join(', ')} is not`])
  }
  const isDefault = options.export_formats.join() === 'docx,xlsx,pptx,svg'
  if (options.formats.length > 0 && !isDefault) {
    problems.push(['formats', 'is the old name of export_formats, so only one of them can be given'])
  }
  if (options.skip_gdocs && options.show_all_gdocs) {
    problems.push(['skip_gdocs', 'cannot be combined with show_all_gdocs'])
  }
  return problems
}

function sizeProblems({ chunk_size: chunk, list_chunk: page }: DriveOptions): Problem[] {
  const problems: Problem[] = []
  if (!Number.isInteger(Math.log2(chunk))) problems.push(['chunk_size', 'must be a power of two, such as 8M'])
  if (page > 0 && page < 100) problems.push(['list_chunk', 'must be 0, or from 100 to 1000'])
  return problems
}
