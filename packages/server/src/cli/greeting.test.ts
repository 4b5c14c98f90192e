import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRules } from '../access/rules.ts'
import { defaultSettings } from '../settings.ts'
import { greeting, reachableAs, warnings } from './greeting.ts'

const settings = defaultSettings('/srv/files', '/data')

const entry = (family: 'IPv4' | 'IPv6', address: string) => {
  const common = { address, netmask: '', mac: '', internal: false, cidr: null }
  return family === 'IPv4' ? { ...common, family } : { ...common, family, scopeid: 0 }
}
const interfaces = {
  lo: [entry('IPv4', '127.0.0.1'), entry('IPv6', '::1')],
  eth0: [entry('IPv4', '192.0.2.7'), entry('IPv6', '2001:db8::7'), entry('IPv6', 'fe80::1')],
}

describe('greeting', () => {
  test('says what is served, where, and what is allowed', () => {
    const allow = { ...settings.allow, hash: true, grep: true }
    const accounts = parseRules(['ann:secret@/:rw', '@/public'])
    expect(greeting({ ...settings, allow, accounts }, ['http://127.0.0.1:5000'], false)).toBe(
      [
        'Serving /srv/files',
        '  http://127.0.0.1:5000',
        'Allowed: read, hash, grep',
        'Log-in: ann, everybody for /public',
        '',
      ].join('\n'),
    )
  })

  test('shows the addresses of all interfaces for those that mean all', () => {
    expect(reachableAs('http://0.0.0.0:80/x', interfaces)).toEqual(['http://127.0.0.1:80/x', 'http://192.0.2.7:80/x'])
    expect(reachableAs('https://[::]:443', interfaces)).toEqual([
      'https://127.0.0.1:443',
      'https://[::1]:443',
      'https://192.0.2.7:443',
      'https://[2001:db8::7]:443',
    ])
    expect(reachableAs('unix:/run/x', interfaces)).toEqual(['unix:/run/x'])
  })

  test('warns whoever opens the server to the network without a log-in', () => {
    const served = { ...settings, servedPath: tmpdir() }
    const open = { ...served, listen: [{ host: '0.0.0.0', port: 80 }] }
    expect(warnings(open, undefined)).toEqual([expect.stringContaining('--auth')])
    expect(warnings({ ...open, accounts: parseRules(['@/public']) }, undefined)).toEqual([])
    expect(warnings(served, undefined)).toEqual([])
  })

  test('warns whoever serves secrets along with the folder', () => {
    const served = { ...settings, servedPath: tmpdir() }
    const tls = { certificate: join(tmpdir(), 'a.crt'), key: join(tmpdir(), 'deep', 'a.key') }
    expect(warnings({ ...served, tls }, join(tmpdir(), 'filegate.yaml'))).toEqual([
      expect.stringContaining('the TLS key'),
      expect.stringContaining('the config file'),
    ])
    const oauthClients = {
      drive: { id: 'a', secret: 's', file: join(tmpdir(), 'drive.secret') },
      dropbox: { id: 'b', secret: 's' },
    }
    expect(warnings({ ...served, oauthClients }, undefined)).toEqual([
      `the secret of the OAuth client for drive ${join(tmpdir(), 'drive.secret')} lies in the served folder and can be read with it`,
    ])
    expect(warnings(served, join(dirname(tmpdir()), 'filegate.yaml'))).toEqual([])
  })
})
