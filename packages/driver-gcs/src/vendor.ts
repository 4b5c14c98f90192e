import type * as Sdk from '@google-cloud/storage'
import { jsonOf, refusalOf, StrangeAnswer } from './answers.ts'
import type { Answer, Client, Sent } from './client.ts'
import type { TokenSource } from '@filegate/core/oauth'
import { apiOf, type Endpoint } from './endpoint.ts'
import { passOver } from '@filegate/core/http-body'

/** The vendor's library, and the HTTP below it. */
export interface Vendor {
  /** The library, for calls that end with `signal`. */
  during(signal: AbortSignal | undefined): Sdk.Storage
  /** One request in the name of the connection. @throws Refusal for what is no success, but for a 308 */
  exchange(sent: Sent): Promise<Answer>
  close(): void
}

export function createVendor(
  { Storage: Library }: Pick<typeof Sdk, 'Storage'>,
  { client, login, endpoint }: { readonly client: Client; readonly login: TokenSource; readonly endpoint: Endpoint },
): Vendor {
  const { root } = endpoint

  /** Sends with the token, and once more with a new one where that was refused; never with it to another host. */
  async function send(sent: Sent): Promise<Answer> {
    if (new URL(sent.url).origin !== new URL(root).origin) return client.send(sent)
    const token = await login.token(sent.signal)
    const answer = await client.send(withToken(sent, token))
    if (answer.status !== 401 || token === undefined || !login.refuse(token)) return answer
    passOver(answer.stream)
    return client.send(withToken(sent, await login.token(sent.signal)))
  }

  async function exchange(sent: Sent): Promise<Answer> {
    const answer = await send(sent)
    const { status } = answer
    if ((status >= 200 && status < 300) || status === unfinished) return answer
    throw await refusalOf(answer, sent.url)
  }

  return {
    during(signal) {
      const storage = new Library({ apiEndpoint: root, retryOptions: { autoRetry: false } })
      // The library would go by a variable of the environment that is meant for tests.
      storage.baseUrl = apiOf(endpoint)
      storage.request = ({ method = 'GET', uri, qs, json, headers }, callback) => {
        const url = `${storage.baseUrl}/${uri.replace(/^\/+/, '')}${queryOf(qs)}`
        const hasBody = json !== undefined && json !== null
        const sent = {
          method,
          url,
          headers: { ...textsOf(headers), ...(hasBody && { 'content-type': 'application/json' }) },
          ...(hasBody && { body: [Buffer.from(JSON.stringify(json))] }),
          signal,
        }
        void answered(async () => jsonOf(await exchange(sent)), callback)
      }
      return storage
    },
    exchange,
    close: () => client.close(),
  }
}

/** The library trusts answers, and would throw in the callback where one is not what it should be. */
async function answered(
  ask: () => Promise<unknown>,
  tell: (error: Error | null, body?: unknown) => void,
): Promise<void> {
  let body: unknown
  try {
    body = await ask()
  } catch (error) {
    tell(error instanceof Error ? error : new Error(String(error)))
    return
  }
  try {
    tell(null, body ?? {})
  } catch (cause) {
    tell(new StrangeAnswer('The library can make nothing of the answer.', { cause }))
  }
}

/** The answer to a part of an upload that is not the last. */
export const unfinished = 308

function withToken(sent: Sent, token: string | undefined): Sent {
  return token === undefined ? sent : { ...sent, headers: { ...sent.headers, authorization: `Bearer ${token}` } }
}

/** The query of a URL from what has a value. */
export function queryOf(values: unknown): string {
  const given = Object.entries(textsOf(values))
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

function textsOf(values: unknown): Record<string, string> {
  if (typeof values !== 'object' || values === null) return {}
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}
