import { type Control, faultyHttpProxy, type Harness, type ProxyManners } from '@filegate/conformance'
import { createPacer } from '@filegate/core'
import { vendorFetch } from '../../../../test/simulators/vendor-fetch.ts'
import { startSimulatedDropbox } from './simulated-dropbox.ts'

const attempts = 3

const limited = { error_summary: 'too_many_requests/..', error: { reason: { '.tag': 'too_many_requests' } } }

const manners: ProxyManners = {
  isRead: ({ url }) => url === '/2/files/download',
  refusals: {
    throttled: { status: 429, headers: { 'content-type': 'application/json' }, body: JSON.stringify(limited) },
    unavailable: { status: 503, body: 'Service Unavailable' },
  },
}

/** A simulated account, seeded from its own side, and the driver on it. */
export async function dropboxHarness(options: Readonly<Record<string, unknown>> = {}): Promise<Harness> {
  const service = await startSimulatedDropbox()
  const proxy = await faultyHttpProxy(Number(new URL(service.endpoint).port), manners)
  const hosts = Object.keys(service.routes)
  const fetch = vendorFetch(Object.fromEntries(hosts.map((host) => [host, `http://127.0.0.1:${proxy.port}`])))
  const control: Control = {
    ...proxy.control,
    faults: ['throttled', 'unavailable', 'broken-body', 'expired-token'],
    attempts,
    fail(fault, times) {
      if (fault.kind !== 'expired-token') proxy.control.fail(fault, times)
      else if (times > 0) service.fail({ with: 'expired_access_token', times })
    },
  }
  return {
    async seed(seeds) {
      const files = seeds.filter((seed) => seed.kind === 'file')
      service.seed(Object.fromEntries(files.map(({ path, bytes }) => [`/${path}`, bytes])))
      for (const { path } of seeds.filter((seed) => seed.kind === 'directory')) {
        service.tree.addFolder({ name: path, parents: [service.home] })
      }
    },
    // The pace of the vendor would only make the suite slow.
    connect: () =>
      service.connect(
        { pacer_min_sleep: '1ms', ...options },
        { fetch, pacer: createPacer({}), retries: { attempts, firstDelay: 20 } },
      ),
    async close() {
      await proxy.close()
      await service.close()
    },
    control,
  }
}
