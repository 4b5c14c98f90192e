import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type HttpsProxy, startHttpsProxy } from '../simulators/https-proxy/start-https-proxy.ts'
import type { VendorRoutes } from '../simulators/vendor-routes.ts'
import { killStarted, start } from './command-line.ts'

export type Json = Readonly<Record<string, unknown>>

/** A server that reaches the simulator of a vendor as it would the vendor: by its hosts, through a proxy. */
export interface CloudDrive {
  /** Of the server, once it has started. */
  readonly origin: () => string
  /** `host:port` of whatever the server has reached. */
  readonly tunnels: () => readonly string[]
  readonly start: (routes: VendorRoutes) => Promise<void>
  readonly stop: () => Promise<void>
  readonly connect: (options: Json) => Promise<Response>
  /** Connects the backend that `ask` asks. */
  readonly connectFirst: (options: Json) => Promise<void>
  /** Asks for a path on a backend. */
  readonly ask: (path: string, init?: RequestInit, backend?: string) => Promise<Response>
}

/** The identifier in the answer to a connection. */
export async function idIn(response: Response): Promise<string> {
  const { data } = (await response.json()) as { data: { id: string } }
  return data.id
}

export function cloudDrive(type: string): CloudDrive {
  let base = ''
  let origin = ''
  let first = ''
  let proxy: HttpsProxy | undefined
  const connect = (options: Json): Promise<Response> =>
    fetch(`${origin}/api/v1/backends/${type}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(options),
    })
  return {
    connect,
    origin: () => origin,
    tunnels: () => proxy?.tunnels ?? [],
    start: async (routes) => {
      base = mkdtempSync(join(tmpdir(), `filegate-${type}-`))
      mkdirSync(join(base, 'served'))
      proxy = await startHttpsProxy({ routes })
      const server = await start(
        [join(base, 'served'), '--port', '0', '--allow-all', '--allow-remote', '--data-dir', join(base, 'data')],
        { variables: { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: proxy.caFile } },
      )
      origin = new URL(server.addresses[0] ?? '').origin
    },
    stop: async () => {
      await killStarted()
      await proxy?.close()
      rmSync(base, { recursive: true, force: true })
    },
    connectFirst: async (options) => {
      first = await idIn(await connect(options))
    },
    ask: (path, init, backend = first) =>
      fetch(`${origin}/api/v1/files/${path}${path.includes('?') ? '&' : '?'}backend=${backend}`, init),
  }
}

export function itKeepsHistory(ask: CloudDrive['ask']): void {
  it('are written and removed, and their history is kept', async () => {
    for (const text of ['first\n', 'second\n']) {
      const put = await ask('new/file.txt', { method: 'PUT', body: text })
      expect(put.status).toBeLessThan(300)
      await put.arrayBuffer()
    }
    const { revisions } = (await (await ask('new/file.txt?history')).json()) as { revisions: { seq: number }[] }
    // The numbers of versions of the same millisecond need not grow: their order in the answer counts.
    expect(revisions).toHaveLength(2)
    const [oldest] = revisions
    expect(await (await ask(`new/file.txt?revision=${oldest?.seq}`)).text()).toBe('first\n')
    expect(await (await ask('new/file.txt')).text()).toBe('second\n')
    const removed = await ask('new/file.txt', { method: 'DELETE' })
    expect(removed.status).toBeLessThan(300)
    await removed.arrayBuffer()
    expect((await ask('new/file.txt')).status).toBe(404)
  })
}
