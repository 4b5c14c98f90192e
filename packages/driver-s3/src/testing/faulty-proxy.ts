import { type FaultyProxy, faultyHttpProxy } from '@filegate/conformance'

export type { FaultyProxy } from '@filegate/conformance'

const refusal = (status: number, code: string) => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<Error><Code>${code}</Code></Error>`,
})
const notRead = /[?&](?:list-type|prefix|delimiter|versions|location)/

/** Stands in front of a service and misbehaves when it is told to. */
export const faultyProxy = (target: number): Promise<FaultyProxy> =>
  faultyHttpProxy(target, {
    isRead: ({ method, url }) => method === 'GET' && !notRead.test(url) && url !== '/',
    refusals: { throttled: refusal(429, 'SlowDown'), unavailable: refusal(503, 'ServiceUnavailable') },
  })
