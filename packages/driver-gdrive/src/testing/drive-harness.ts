import { faultyHttpProxy, type Harness } from '@filegate/conformance'
import { vendorFetch } from '../../../../test/simulators/vendor-fetch.ts'
import { startDriveService } from './simulated-drive.ts'

const attempts = 3

const refusal = (reason: string): string =>
  JSON.stringify({ error: { code: 403, message: 'Of the proxy', errors: [{ domain: 'usageLimits', reason }] } })

/** Seeds a simulated drive past its API, and connects through a proxy that misbehaves when it is told to. */
export async function driveHarness(options: Readonly<Record<string, unknown>> = {}): Promise<Harness> {
  const service = await startDriveService()
  const { drive } = service
  const proxy = await faultyHttpProxy(Number(new URL(drive.endpoint).port), {
    isRead: ({ url }) => url.includes('alt=media'),
    refusals: {
      throttled: {
        status: 403,
        headers: { 'content-type': 'application/json' },
        body: refusal('userRateLimitExceeded'),
      },
      unavailable: { status: 503, body: 'The proxy has no one to ask.' },
    },
  })
  const scope = 'https://www.googleapis.com/auth/drive'
  const { clientId, clientSecret, refreshToken } = drive.tokens.addUser(drive.user.email, [scope])
  const login = {
    token: JSON.stringify({ access_token: drive.issueToken(), refresh_token: refreshToken }),
    client_id: clientId,
    client_secret: clientSecret,
  }
  const routes = { ...drive.routes, 'www.googleapis.com': `http://127.0.0.1:${proxy.port}` }
  return {
    async seed(seeds) {
      const folders = new Map<string, string>([['', drive.user.root]])
      function folderAt(path: string): string {
        const known = folders.get(path)
        if (known !== undefined) return known
        const slash = path.lastIndexOf('/')
        const parent = folderAt(path.slice(0, Math.max(0, slash)))
        const { id } = drive.add({ kind: 'folder', name: path.slice(slash + 1), parent })
        folders.set(path, id)
        return id
      }
      for (const seed of seeds) {
        const slash = seed.path.lastIndexOf('/')
        const parent = folderAt(seed.path.slice(0, Math.max(0, slash)))
        if (seed.kind === 'directory') folderAt(seed.path)
        else drive.add({ name: seed.path.slice(slash + 1), parent, bytes: seed.bytes })
      }
    },
    connect: () =>
      service.connect({ ...login, ...options }, { fetch: vendorFetch(routes), retries: { attempts, firstDelay: 20 } }),
    async close() {
      await proxy.close()
      await service.close()
    },
    control: {
      ...proxy.control,
      attempts,
      faults: ['throttled', 'unavailable', 'broken-body', 'expired-token'],
      fail(fault, times) {
        if (fault.kind === 'expired-token')
          drive.fail(...Array.from({ length: times }, () => ({ reason: 'authError' as const })))
        else proxy.control.fail(fault, times)
      },
    },
  }
}
