import { StorageError } from '@filegate/core'
import { createHash } from 'node:crypto'
import { parseEndpoint } from './endpoint.ts'
import { largestRequest, type S3Options } from './options.ts'
import { presetOf } from './presets.ts'
import { parseMoment } from './time-text.ts'

type Name = keyof S3Options
export type Problem = readonly [option: Name, problem: string]

/** What is wrong with options that are right one by one. */
export function problemsTogether(options: S3Options): readonly Problem[] {
  return [endpointProblems, downloadProblems, keyProblems, sizeProblems, customerKeyProblems, timeProblems].flatMap(
    (find) => find(options),
  )
}

function endpointProblems(options: S3Options): Problem[] {
  const { endpoint, provider } = options
  if (endpoint.trim() === '') return provider === 'AWS' || provider === '' ? [] : [['endpoint', 'is required']]
  try {
    if (parseEndpoint(endpoint).url === undefined) return []
  } catch (error) {
    if (!StorageError.is(error)) throw error
    return [['endpoint', error.message]]
  }
  return (['use_accelerate_endpoint', 'use_dual_stack'] as const)
    .filter((name) => options[name])
    .map((name) => [name, 'works with the endpoints of Amazon only'])
}

function downloadProblems({ download_url: text }: S3Options): Problem[] {
  if (text === '') return []
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === '') return []
  return [['download_url', 'must be a URL such as https://files.example.com, without a login or a query']]
}

function keyProblems({ access_key_id: id, secret_access_key: secret }: S3Options): Problem[] {
  if (id !== '' && secret === '') return [['secret_access_key', 'is required with access_key_id']]
  return id === '' && secret !== '' ? [['access_key_id', 'is required with secret_access_key']] : []
}

function sizeProblems(options: S3Options): Problem[] {
  if (presetOf(options.provider).quirks.has('large-requests')) return []
  return (['upload_cutoff', 'copy_cutoff'] as const)
    .filter((name) => options[name] > largestRequest)
    .map((name) => [name, 'must be at most 5G'])
}

function customerKeyProblems(options: S3Options): Problem[] {
  const { sse_customer_key: plain, sse_customer_key_base64: encoded, sse_customer_key_md5: md5 } = options
  if (plain === '' && encoded === '') return []
  if (plain !== '' && encoded !== '') return [['sse_customer_key', 'cannot be used with sse_customer_key_base64']]
  const key = plain === '' ? Buffer.from(encoded, 'base64') : Buffer.from(plain, 'utf8')
  if (key.length !== 32) {
    return [[plain === '' ? 'sse_customer_key_base64' : 'sse_customer_key', 'must be 32 bytes long']]
  }
  const isProven = md5 === '' || md5 === createHash('md5').update(key).digest('base64')
  return isProven ? [] : [['sse_customer_key_md5', 'is not the MD5 of the key']]
}

function timeProblems({ version_at: at, versions }: S3Options): Problem[] {
  const moment = parseMoment(at, 0)
  if (Number.isNaN(moment)) return [['version_at', 'must be a time, a date or an age such as 7d']]
  return versions && moment !== undefined ? [['versions', 'cannot be used with version_at']] : []
}
