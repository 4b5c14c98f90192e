import { fileURLToPath } from 'node:url'
import { freePort, type Peer, startPeer } from '../processes.ts'

const main = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url))

/** filegate as it is built, over a folder, without an access log as the peers are. */
export async function startFilegate(
  folder: string,
  { processors, flags = [] }: { processors?: string; flags?: readonly string[] } = {},
): Promise<Peer> {
  const port = await freePort()
  const common = ['--allow-all', '--bind', '127.0.0.1', '--port', String(port), '--log-format', '']
  return startPeer('filegate', port, [process.execPath, main, folder, ...common, ...flags], processors)
}
