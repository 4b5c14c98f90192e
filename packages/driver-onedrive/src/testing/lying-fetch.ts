import type { OneDrive } from '../../../../test/simulators/onedrive/start-onedrive.ts'
import { vendorFetch } from '../../../../test/simulators/vendor-fetch.ts'

export interface Sent {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly signal: AbortSignal | undefined
  readonly redirect: RequestInit['redirect'] | undefined
}

/** What stands in for an answer, given what was asked and, where it is wanted, what the service itself would say. */
export type Lie = (sent: Sent, truth: () => Promise<Response>) => Response | Promise<Response> | undefined

/** The service with answers that are none of its own. Whatever is asked for is taken down, be it where it may. */
export function lyingFetch(service: OneDrive, lie: Lie) {
  const sent: Sent[] = []
  const honest = vendorFetch(service.routes)
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const asked: Sent = {
      url: new URL(input instanceof Request ? input.url : input),
      method: init.method ?? 'GET',
      headers: new Headers(init.headers),
      signal: init.signal ?? undefined,
      redirect: init.redirect,
    }
    sent.push(asked)
    const truth = (): Promise<Response> => honest(input, init)
    return (await lie(asked, truth)) ?? truth()
  }
  return { fetch, sent }
}

/** An answer of the service with other facts in it. */
export async function altered(
  answer: Promise<Response>,
  change: (said: Record<string, unknown>) => object,
): Promise<Response> {
  const response = await answer
  const said: unknown = await response.json()
  return Response.json(change(Object(said)), { status: response.status })
}
