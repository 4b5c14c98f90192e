import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkAddress, plainAddress } from './address-rules.ts'
import { guardedAgents, type Resolve } from './agents.ts'
import { fetchThrough, guardedDispatcher } from './guarded-fetch.ts'
import { guardedSockets } from './guarded-socket.ts'

const guardedFetch = (...rules: Parameters<typeof guardedDispatcher>) => fetchThrough(guardedDispatcher(...rules))

const open = { privateNetwork: true }
const closed = { privateNetwork: false }

/** A resolver that knows these names, each with the answers it gives one after the other. */
function names(table: Record<string, string[][]>): Resolve {
  return (name, found) => {
    const answers = table[name] ?? []
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? []
    found(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
}

let server: Server
let port: number
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/to-metadata')
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end()
    else if (request.url === '/to-name')
      response.writeHead(302, { location: `http://metadata.internal:${port}/` }).end()
    else response.end('reached')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())

describe('an address', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '100.100.100.200',
    '192.0.0.192',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '255.255.255.255',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '::169.254.169.254',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '168.63.129.16',
    'fd20:ce::254',
    '2002:a9fe:a9fe::1',
    '[::ffff:169.254.169.254]',
  ])('that hands out credentials is refused even where private ones are allowed: %s', (address) => {
    expect(() => checkAddress(address, open)).toThrow('never contacted')
  })

  it.each([
    '127.0.0.1',
    '127.255.0.1',
    '::1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fc00::1',
    'fd12::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b:1::a00:1',
    '64:ff9b:1:7f00:0:100::',
    '64:ff9b:1:a00:0:100:808:808',
  ])('that is private needs the flag: %s', (address) => {
    expect(() => checkAddress(address, closed)).toThrow('--allow-private-network')
    expect(() => checkAddress(address, open)).not.toThrow()
  })

  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '192.0.2.1',
    '2606:4700::1111',
    '169.253.255.255',
    '100.128.0.1',
    '2001:4860:4860::8888',
  ])('that is public is allowed: %s', (address) => {
    expect(() => checkAddress(address, closed)).not.toThrow()
  })

  it('means the same in every form of IPv6 that leads to IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(plainAddress(`::ffff:${address}`)).toBe(address)
      }),
    )
  })
})

describe('a request made for a caller', () => {
  it('reaches what the rules allow', async () => {
    const fetchOpen = guardedFetch(open, names({ 'store.example': [['127.0.0.1']] }))
    expect(await (await fetchOpen(`http://store.example:${port}/`)).text()).toBe('reached')
    expect(await (await fetchOpen(new Request(`http://127.0.0.1:${port}/`))).text()).toBe('reached')
  })

  const reason = async (promise: Promise<unknown>): Promise<string> => {
    const error: unknown = await promise.then(
      () => 'it went through',
      (error: unknown) => error,
    )
    return error instanceof Error
      ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`
      : String(error)
  }

  it('is refused by address, by name, by redirect, and by a name that answers differently the second time', async () => {
    const resolve = names({
      'metadata.internal': [['169.254.169.254']],
      'mixed.example': [['8.8.8.8', '169.254.169.254']],
      'rebinding.example': [['127.0.0.1'], ['169.254.169.254']],
    })
    const guarded = guardedFetch(open, resolve)
    expect(await reason(guarded('http://169.254.169.254/'))).toContain('never contacted')
    expect(await reason(guarded('http://[::ffff:a9fe:a9fe]/'))).toContain('never contacted')
    expect(await reason(guarded('http://2852039166/'))).toContain('never contacted')
    expect(await reason(guarded('http://metadata.internal/'))).toContain('never contacted')
    expect(await reason(guarded('http://mixed.example/'))).toContain('never contacted')
    expect(await reason(guarded(`http://127.0.0.1:${port}/to-metadata`))).toContain('never contacted')
    expect(await reason(guarded(`http://127.0.0.1:${port}/to-name`))).toContain('never contacted')
    const again = guardedFetch(open, resolve)
    expect(await (await again(`http://rebinding.example:${port}/`, { headers: { connection: 'close' } })).text()).toBe(
      'reached',
    )
    expect(await reason(guardedFetch(open, resolve)(`http://rebinding.example:${port}/`))).toContain('never contacted')
  })

  it('goes by the same rules through the agents that vendor libraries are given', async () => {
    const { request } = await import('node:http')
    const get = (url: string, agent: ReturnType<typeof guardedAgents>['http']): Promise<string> =>
      new Promise((resolve, reject) => {
        // Nothing is thrown here, where vendor libraries would not catch it.
        const asked = request(url, { agent }, (response) => {
          response.resume()
          resolve('reached')
        })
        asked.on('error', reject).end()
      })
    const agents = guardedAgents(
      open,
      { keepAlive: false },
      names({ 'metadata.internal': [['169.254.169.254']], 'store.example': [['127.0.0.1']] }),
    )
    expect(await get(`http://store.example:${port}/`, agents.http)).toBe('reached')
    expect(await reason(get('http://169.254.169.254/', agents.http))).toContain('never contacted')
    expect(await reason(get('http://metadata.internal/', agents.http))).toContain('never contacted')
    expect(await reason(get(`http://127.0.0.1:${port}/`, guardedAgents(closed).http))).toContain(
      '--allow-private-network',
    )
  })

  it('goes by the same rules where a driver asks for a mere socket, which ends with the rest', async () => {
    const known = names({ 'metadata.internal': [['169.254.169.254']], 'store.example': [['127.0.0.1']] })
    const sockets = guardedSockets(open, known)
    const socket = await sockets.connect({ host: 'store.example', port })
    expect(socket.remotePort).toBe(port)
    expect(await reason(sockets.connect({ host: '169.254.169.254', port }))).toContain('never contacted')
    expect(await reason(sockets.connect({ host: '[::ffff:a9fe:a9fe]', port }))).toContain('never contacted')
    expect(await reason(sockets.connect({ host: 'metadata.internal', port }))).toContain('never contacted')
    const strict = guardedSockets(closed, known)
    expect(await reason(strict.connect({ host: '127.0.0.1', port }))).toContain('--allow-private-network')
    expect(await reason(strict.connect({ host: 'store.example', port }))).toContain('--allow-private-network')
    sockets.close()
    expect(socket.destroyed).toBe(true)
    expect(await reason(sockets.connect({ host: '127.0.0.1', port }))).toContain('let go')
  })
})
