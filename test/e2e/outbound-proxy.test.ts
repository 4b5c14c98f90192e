import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type SimulatedService,
  startSimulatedService,
} from '../../packages/driver-gcs/src/testing/simulated-service.ts'
import { type HttpsProxy, startHttpsProxy } from '../simulators/https-proxy/start-https-proxy.ts'
import { killStarted, run, start, type Started } from './command-line.ts'

let service: SimulatedService
let proxy: HttpsProxy
let base: string
let options: Readonly<Record<string, unknown>>

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'filegate-outbound-'))
  mkdirSync(join(base, 'served'))
  service = await startSimulatedService()
  await service.makeBucket('photos')
  await service.put('photos', 'folder/file.txt', Buffer.from('through the proxy'))
  proxy = await startHttpsProxy({
    routes: { 'storage.googleapis.com': service.endpoint, 'oauth2.googleapis.com': service.tokens.endpoint },
    login: 'user:secret',
  })
  const key: unknown = JSON.parse(String(service.options['service_account_credentials']))
  const credentials = { ...Object(key), token_uri: 'https://oauth2.googleapis.com/token' }
  options = { ...service.options, service_account_credentials: JSON.stringify(credentials) }
})
afterEach(killStarted)
afterAll(async () => {
  await proxy.close()
  await service.close()
  rmSync(base, { recursive: true })
})

const serve = (variables: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<Started> =>
  start([join(base, 'served'), '--port', '0', '--allow-remote', '--data-dir', join(base, 'data'), ...flags], {
    variables: { NODE_EXTRA_CA_CERTS: proxy.caFile, ...variables },
  })
const connect = async ({ addresses: [origin] }: Started): Promise<{ status: number; text: string }> => {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(options)
  const response = await fetch(`${origin}/api/v1/backends/google-cloud-storage`, { method: 'POST', headers, body })
  return { status: response.status, text: await response.text() }
}

describe('a server behind a proxy', () => {
  it('reaches the vendor through the proxy of the environment', async () => {
    const server = await serve({ HTTPS_PROXY: proxy.url, NO_PROXY: 'elsewhere.example' })
    const { status, text } = await connect(server)
    expect([status, text]).toEqual([201, expect.stringContaining('"id"')])
    const { id } = (JSON.parse(text) as { data: { id: string } }).data
    const response = await fetch(`${server.addresses[0]}/api/v1/files/photos/folder/file.txt?backend=${id}`)
    expect(await response.text()).toBe('through the proxy')
    expect(new Set(proxy.tunnels)).toEqual(new Set(['storage.googleapis.com:443', 'oauth2.googleapis.com:443']))
    const listed = await run(['backends', 'test', id, '--data-dir', join(base, 'data')], {
      variables: { NODE_EXTRA_CA_CERTS: proxy.caFile, FILEGATE_OUTBOUND_PROXY: proxy.url },
    })
    expect([listed.code, listed.errors]).toEqual([0, ''])
  })

  it('uses the one that is chosen for it, and tells when that does not let it in', async () => {
    const stranger = proxy.url.replace('secret', 'wrong')
    const { status, text } = await connect(await serve({ HTTPS_PROXY: proxy.url, FILEGATE_OUTBOUND_PROXY: stranger }))
    expect([status, text]).toEqual([400, expect.stringContaining('wants a login')])
    expect(text).not.toContain('wrong')
  })

  it('does not start with one that it cannot use', async () => {
    const ended = await run([join(base, 'served'), '--outbound-proxy', 'socks5://user:secret@proxy.example'], {})
    expect([ended.code, ended.errors]).toEqual([
      2,
      expect.stringContaining('--outbound-proxy: takes the address of an HTTP'),
    ])
    expect(ended.errors).not.toContain('secret')
  })
})
