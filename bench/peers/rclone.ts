import { freePort, type Peer, startPeer } from '../processes.ts'

export async function startRclone(
  folder: string,
  { processors, protocol = 'http' }: { processors?: string; protocol?: 'http' | 'webdav' } = {},
): Promise<Peer> {
  const port = await freePort()
  return startPeer(
    'rclone',
    port,
    ['rclone', 'serve', protocol, folder, '--addr', `127.0.0.1:${port}`, '--config', '/dev/null'],
    processors,
  )
}
