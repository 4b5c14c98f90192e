import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OAuthVendor, startOAuthVendor, vendorToken } from '../simulators/oauth-vendor/start-oauth-vendor.ts'

const client = { id: 'app-of-server', secret: 'marker-server-secret' }

interface Process {
  readonly child: ChildProcess
  readonly origin: string
}

let folder: string
let vendor: OAuthVendor
const children: ChildProcess[] = []
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-e2e-oauth-'))
  mkdirSync(join(folder, 'served'))
  vendor = await startOAuthVendor(client)
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    const gone = child.exitCode !== null || child.signalCode !== null || once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  await vendor.close()
  rmSync(folder, { recursive: true })
})

async function start(): Promise<Process> {
  const file = fileURLToPath(new URL('oauth-server.ts', import.meta.url))
  const child = fork(file, [vendor.origin, join(folder, 'served'), join(folder, 'data')], {
    execArgv: ['--conditions=@filegate/source'],
  })
  children.push(child)
  const [origin] = (await once(child, 'message')) as [string]
  return { child, origin }
}

async function timesConnected({ child }: Process): Promise<number> {
  child.send('connected?')
  const [times] = (await once(child, 'message')) as [number]
  return times
}

async function connect({ origin }: Process, token: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ token })
  const answer = await fetch(`${origin}/api/v1/backends/cloud`, { method: 'POST', headers, body })
  const { data } = (await answer.json()) as { data: { id: string } }
  return data.id
}

const read = async ({ origin }: Process, id: string): Promise<string> =>
  (await fetch(`${origin}/api/v1/files/who.txt?backend=${id}`)).text()

describe('two processes on one database, at a vendor that takes each refresh token once', () => {
  it('renew a token once between them, and connect once each', async () => {
    const both = await Promise.all([start(), start()])
    const [one] = both
    const id = await connect(one, await vendorToken(vendor, client))
    await Promise.all(both.map((server) => read(server, id)))
    for (const round of [1, 2, 3, 4]) {
      vendor.expire()
      const answers = await Promise.all([...both, ...both, ...both, ...both].map((server) => read(server, id)))
      expect(answers).toEqual(Array.from({ length: 8 }, () => 'ada'))
      expect(vendor.renewals()).toBe(round)
    }
    expect(await Promise.all(both.map(timesConnected))).toEqual([1, 1])
  })

  it('go on where the token that the other one keeps has ended, too', async () => {
    const [one, other] = await Promise.all([start(), start()])
    const id = await connect(one, await vendorToken(vendor, client))
    expect(await Promise.all([read(one, id), read(other, id)])).toEqual(['ada', 'ada'])
    vendor.expire()
    expect(await read(one, id)).toBe('ada')
    vendor.expire()
    expect([await read(other, id), vendor.renewals()]).toEqual(['ada', 2])
  })

  it('go on when one of them dies while it renews', async () => {
    const [one, other] = await Promise.all([start(), start()])
    const id = await connect(one, await vendorToken(vendor, client))
    await read(other, id)
    const asked = Promise.withResolvers<void>()
    vendor.beforeRenewal = () => {
      vendor.beforeRenewal = async () => {}
      asked.resolve()
      return new Promise(() => {})
    }
    vendor.expire()
    const brokenOff = read(one, id).catch(() => 'broken off')
    await asked.promise
    one.child.kill('SIGKILL')
    expect(await brokenOff).toBe('broken off')
    expect(await read(other, id)).toBe('ada')
    expect(vendor.renewals()).toBe(1)
  })
})
