import { request as send } from 'node:http'
import { text } from 'node:stream/consumers'
import { signText, stringToSign } from './shared-key.ts'
import type { AzureFiles } from './start-azure-files.ts'

export interface PlainAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

type Headers = Readonly<Record<string, string>>

type Signer = Pick<AzureFiles, 'endpoint' | 'account' | 'key'>

/** Where a request goes and its headers, signed with the account's key. A header that is empty is left away. */
export function signedHeaders(
  azure: Signer,
  method: string,
  target: string,
  given: Headers = {},
): { readonly url: URL; readonly headers: Headers } {
  const url = new URL(`${azure.endpoint}${target}`)
  const defaults = { 'x-ms-date': new Date().toUTCString(), 'x-ms-version': '2026-10-06' }
  const headers = Object.fromEntries(Object.entries({ ...defaults, ...given }).filter(([, value]) => value !== ''))
  const query = new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), [value]]))
  const signed = { method, rawPath: url.pathname, query, header: (name: string) => headers[name] }
  const signature = signText(azure.key, stringToSign({ ...signed, headerNames: Object.keys(headers) }, azure.account))
  return { url, headers: { authorization: `SharedKey ${azure.account}:${signature}`, ...headers } }
}

/** A request of which a test says every header. */
export function signedRequest(
  azure: Signer,
  method: string,
  target: string,
  given: Headers = {},
  body = '',
): Promise<PlainAnswer> {
  const length: Headers = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const { url, headers } = signedHeaders(azure, method, target, { ...length, ...given })
  return plainRequest(url, method, headers, body)
}

export function plainRequest(url: URL, method: string, headers: Headers, body = ''): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers }, (response) => {
      const plain = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
      )
      text(response).then(
        (content) => resolve({ status: response.statusCode ?? 0, headers: plain, body: content }),
        reject,
      )
    })
    request.once('error', reject)
    request.end(body)
  })
}
