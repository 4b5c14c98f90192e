import type { Settings } from '../settings.ts'

export type Body = ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | string | null

/**
 * Makes every response of the server. Headers are one plain object, complete from the start: the HTTP layer has a
 * synchronous path for such responses, which any later touch of the headers would leave (docs/decisions/0001).
 */
export type Reply = (status: number, headers: Readonly<Record<string, string>>, body: Body) => Response

export function createReply(settings: Pick<Settings, 'cors'>): Reply {
  const common: Record<string, string> = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' }
  if (settings.cors) {
    Object.assign(common, {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Authorization,*',
      vary: 'Origin',
    })
  }
  return (status, headers, body) => new Response(body, { status, headers: { ...common, ...headers } })
}
