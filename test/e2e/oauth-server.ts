// A server of its own with the cloud of `test/simulators/oauth-vendor`, for tests with several processes. Says where it listens, and
// answers every message with how often it connected.
import { defaultSettings, startServer } from '@filegate/server'
import { oauthProvider } from '../../packages/server/src/backends/testing/oauth-provider.ts'
import { allowAll } from './serving.ts'

const [, , vendor = '', served = '', dataDirectory = ''] = process.argv
const cloud = oauthProvider(vendor)
const settings = {
  ...defaultSettings(served, dataDirectory),
  listen: [{ host: '127.0.0.1', port: 0 }],
  allow: allowAll,
  oauthClients: { cloud: { id: 'app-of-server', secret: 'marker-server-secret' } },
}
const { addresses } = await startServer(settings, { providers: { cloud: async () => cloud.definition } })
process.on('message', () => void process.send?.(cloud.connected()))
process.send?.(new URL(addresses[0] ?? '').origin)
