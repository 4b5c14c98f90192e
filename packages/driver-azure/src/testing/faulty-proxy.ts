import { type FaultyProxy, faultyHttpProxy } from '@filegate/conformance'

export type { FaultyProxy } from '@filegate/conformance'

/** https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes */
const refusal = (status: number, code: string) => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
  body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`,
})

/** Stands in front of a service of Azure Storage and misbehaves when it is told to. */
export const faultyProxy = (target: number): Promise<FaultyProxy> =>
  faultyHttpProxy(target, {
    isRead: ({ method, url }) => method === 'GET' && !/[?&](?:comp|restype)=/.test(url),
    refusals: { throttled: refusal(503, 'ServerBusy'), unavailable: refusal(500, 'InternalError') },
  })
