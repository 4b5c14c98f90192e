import { faultyHttpProxy, type FaultyProxy } from '@filegate/conformance'
import type { OneDrive } from '../../../../test/simulators/onedrive/start-onedrive.ts'

/** The service, all of it but the log-in behind something that misbehaves when it is told to. */
export async function behindFaults(service: OneDrive): Promise<OneDrive & { readonly proxy: FaultyProxy }> {
  const refusal = (code: string) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error: { code, message: 'said by the proxy' } }),
  })
  const proxy = await faultyHttpProxy(Number(new URL(service.endpoint).port), {
    isRead: ({ method, url }) => method === 'GET' && /^\/(?:y4m|_layouts\/15\/download)/.test(url),
    refusals: {
      throttled: { status: 429, ...refusal('activityLimitReached') },
      unavailable: { status: 503, ...refusal('serviceNotAvailable') },
    },
  })
  const routes = Object.entries(service.routes).map(([host, endpoint]) => [
    host,
    endpoint === service.endpoint ? `http://127.0.0.1:${proxy.port}` : endpoint,
  ])
  return {
    ...service,
    routes: Object.fromEntries(routes),
    proxy,
    async close() {
      await proxy.close()
      await service.close()
    },
  }
}
