import { parseOptions } from '@filegate/core/options'
import { constantFrom, assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { options } from '../blob/options.ts'
import { parseConnectionString } from './connection-string.ts'
import { type Login, resolveLogin } from './login.ts'
import { parseServiceUrl } from './service-url.ts'

const login = (given: Readonly<Record<string, unknown>>, connection = ''): Login =>
  resolveLogin({ ...parseOptions(options, { account: 'acc', ...given }), connection_string: connection }, 'blob')
const app = { tenant: 't', client_id: 'c' }

describe('which login the options mean', () => {
  it.each([
    ['env_auth before all others', { env_auth: true, key: 'a2V5' }, { kind: 'token', by: 'environment' }],
    [
      'a key before a signature',
      { key: 'a2V5', sas_url: 'https://acc.example?sig=1' },
      { kind: 'key', account: 'acc', key: 'a2V5' },
    ],
    [
      'a signature before an application',
      { ...app, client_secret: 's', sas_url: 'https://a.b/?sig=1&x=2' },
      { kind: 'sas', query: 'sig=1&x=2' },
    ],
    [
      'a secret before a certificate',
      { ...app, client_secret: 's', client_certificate_path: 'f' },
      { kind: 'token', by: 'secret' },
    ],
    [
      'a certificate before a user',
      { ...app, client_certificate_path: 'f', username: 'u', password: 'p' },
      { kind: 'token', by: 'certificate' },
    ],
    [
      'a user before a file',
      { ...app, username: 'u', password: 'p', service_principal_file: 'f' },
      { kind: 'token', by: 'user' },
    ],
    ['a file before an identity', { service_principal_file: 'f', use_msi: true }, { kind: 'token', by: 'file' }],
    ['an identity before az', { use_msi: true, use_az: true }, { kind: 'token', by: 'identity' }],
    [
      'an application that an identity stands surety for',
      { ...app, msi_client_id: 'm' },
      { kind: 'token', by: 'federated' },
    ],
    ['az', { use_az: true }, { kind: 'token', by: 'az' }],
    ['nobody at all', {}, { kind: 'anonymous' }],
  ])('takes %s', (_what, given, way) => {
    expect(login(given).way).toEqual(way)
  })

  it('goes to the account at Azure, to an endpoint, or where the signed URL points', () => {
    expect(login({}).url).toBe('https://acc.blob.core.windows.net')
    expect(login({ endpoint: 'acc.blob.core.chinacloudapi.cn/' }).url).toBe('https://acc.blob.core.chinacloudapi.cn')
    expect(login({ use_emulator: true, account: '' }).url).toBe('http://127.0.0.1:10000/devstoreaccount1')
    const signed = login({ sas_url: 'http://127.0.0.1:10000/devstoreaccount1/box?sig=1' })
    expect(signed).toMatchObject({
      url: 'http://127.0.0.1:10000/devstoreaccount1',
      account: 'devstoreaccount1',
      container: 'box',
    })
  })

  it('takes a connection string apart, whatever the case and the order', () => {
    const text = 'accountkey=a2V5==; DefaultEndpointsProtocol=http;AccountName=acc;EndpointSuffix=core.example'
    expect(parseConnectionString(text, 'file')).toEqual({
      account: 'acc',
      key: 'a2V5==',
      sas: '',
      endpoint: 'http://acc.file.core.example',
    })
    const signed = 'BlobEndpoint=https://acc.blob.example;SharedAccessSignature=sv=1&sig=a%3D'
    expect(login({ account: '', use_emulator: false, endpoint: 'https://x.example' }, signed)).toMatchObject({
      url: 'https://acc.blob.example',
      way: { kind: 'sas', query: 'sv=1&sig=a%3D' },
    })
    for (const wrong of ['', 'no pairs', 'AccountName=acc', 'AccountKey=a2V5']) {
      expect(() =>
        resolveLogin({ ...parseOptions(options, { account: 'acc' }), connection_string: wrong || ' ' }, 'blob'),
      ).toThrow('connection_string: ')
    }
  })

  it('an address stays the host that was written', () => {
    assert(
      property(string(), constantFrom('https://', 'http://', ''), (text, scheme) => {
        const place = parseServiceUrl(`${scheme}${text}`)
        return place === undefined || (/^https?:\/\/[^/]+(\/[^/]+)?$/.test(place.url) && !place.url.includes('?'))
      }),
    )
  })
})
