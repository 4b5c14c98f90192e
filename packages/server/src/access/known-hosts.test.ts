import { describe, expect, it } from 'vitest'
import type { ListenAddress, Settings } from '../settings.ts'
import { forKnownHosts } from './known-hosts.ts'
import { everything } from './scope.ts'

const loopback: ListenAddress = { host: '127.0.0.1', port: 5000 }
type Given = Partial<Pick<Settings, 'listen' | 'accounts' | 'hostNames'>>

function ask(host: string | undefined, given: Given = {}): void {
  const settings = { listen: [loopback], accounts: [], hostNames: [], ...given }
  void forKnownHosts(() => everything, settings)((name) => (name === 'host' ? host : undefined), '127.0.0.1')
}

describe('a server for this machine only, without log-in', () => {
  it.each([
    undefined,
    'localhost',
    'localhost:5000',
    'LOCALHOST.:5000',
    'app.localhost:80',
    '127.0.0.1:5000',
    '[::1]:5000',
    '192.168.1.7',
  ])('answers for the name %s, which no stranger can own', (host) => {
    expect(() => ask(host)).not.toThrow()
  })

  it.each([
    'evil.example',
    'evil.example:5000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    '',
    '127.0.0.1x',
  ])('refuses the name %j, which may lead here for a page of a stranger', (host) => {
    expect(() => ask(host)).toThrow('--allow-host')
  })

  it('answers for names it is told', () => {
    expect(() => ask('Files.example:443', { hostNames: ['files.example'] })).not.toThrow()
  })

  it('goes on refusing after it has answered', () => {
    const guarded = forKnownHosts(() => everything, { listen: [loopback], accounts: [], hostNames: [] })
    void guarded(() => 'localhost', '127.0.0.1')
    expect(() => guarded(() => 'evil.example', '127.0.0.1')).toThrow('evil.example')
  })
})

describe('a unix socket', () => {
  it('answers for any name, as no page can connect to it', () => {
    const guarded = forKnownHosts(() => everything, { listen: [{ socket: '/run/x' }], accounts: [], hostNames: [] })
    expect(() => guarded(() => 'anything')).not.toThrow()
  })
})

describe('a server that others reach, or that asks for a log-in', () => {
  it('answers for any name', () => {
    expect(() => ask('files.example', { listen: [loopback, { host: '0.0.0.0', port: 5000 }] })).not.toThrow()
    expect(() => ask('files.example', { accounts: [{ user: 'ann', password: 'x', paths: [] }] })).not.toThrow()
  })
})
