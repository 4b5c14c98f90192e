import { describeOptions, parseOptions } from '@filegate/core/options'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { optionsTable } from '../testing/options-table.ts'
import { type BlobOptions, options } from './options.ts'

const { rows } = describeOptions(options)
const parsed = (given: Readonly<Record<string, unknown>>): BlobOptions => parseOptions(options, given)
const signed = 'https://acc.blob.core.windows.net/box?sv=1&sig=abc'
const application = { account: 'acc', tenant: 't', client_id: 'c' }

describe('the options of Azure Blob Storage', () => {
  it('are each described, and secrets are marked', () => {
    expect(rows.filter(({ description }) => description.length < 10).map(({ name }) => name)).toEqual([])
    expect(rows.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'key',
      'sas_url',
      'client_secret',
      'client_certificate_password',
      'password',
    ])
    expect(rows.filter(({ machineCredentials }) => machineCredentials).map(({ name }) => name)).toEqual([
      'env_auth',
      'use_msi',
      'msi_client_id',
      'use_az',
    ])
  })

  it('are in the README as the schema has them', async () => {
    expect(await readFile(new URL('../../README.md', import.meta.url), 'utf8')).toContain(optionsTable(options))
  })

  it.each([
    [{ account: 'acc', key: 'a2V5' }],
    [{ sas_url: signed }],
    [{ sas_url: 'http://127.0.0.1:10000/devstoreaccount1/box?sig=abc' }],
    [{ use_emulator: true }],
    [{ env_auth: true }],
    [{ account: 'public' }],
    [{ endpoint: 'http://azurite:10000/devstoreaccount1', account: 'devstoreaccount1', key: 'a2V5' }],
    [{ ...application, client_secret: 's' }],
    [{ account: 'acc', use_msi: true, msi_object_id: 'o' }],
    [{ ...application, msi_client_id: 'm' }],
    [{ account: 'acc', key: 'a2V5', access_tier: ' Cool ', delete_snapshots: 'include', upload_cutoff: '200M' }],
  ])('%j are enough', (given) => {
    expect(() => parsed(given)).not.toThrow()
  })

  it.each([
    [{}, 'account: is required'],
    [{ key: 'a2V5' }, 'account: is required'],
    [{ account: 'Not-A-Name', key: 'a2V5' }, 'account: must be 3 to 24'],
    [{ account: 'evil.example/', key: 'a2V5' }, 'account: must be 3 to 24'],
    [{ account: 'acc', key: 'no base64' }, 'key: the key must be Base64'],
    [{ sas_url: 'https://acc.blob.core.windows.net/box' }, 'sas_url: has no signature'],
    [{ sas_url: 'ftp://acc/?sig=1' }, 'sas_url: must be the URL'],
    [{ endpoint: 'https://acc.blob.core.windows.net/a/b', account: 'acc' }, 'endpoint: must be the URL'],
    [{ ...application, client_secret: 's', endpoint: 'http://acc.example' }, 'endpoint: must begin with https'],
    [{ account: 'acc', client_id: 'c', client_secret: 's' }, 'tenant: is required'],
    [{ account: 'acc', tenant: 't', client_secret: 's' }, 'client_id: is required'],
    [{ ...application }, 'client_secret: is required'],
    [{ ...application, username: 'ann' }, 'password: is required'],
    [{ account: 'acc', msi_object_id: 'o' }, 'use_msi: is required'],
    [{ account: 'acc', use_msi: true, msi_object_id: 'o', msi_mi_res_id: 'r' }, 'msi_client_id: is one of three'],
    [{ account: 'acc', access_tier: 'lukewarm' }, 'access_tier: must be one of'],
    [{ account: 'acc', list_chunk: 5001 }, 'list_chunk: '],
    [{ account: 'acc', public_access: 'everything' }, 'public_access: must be one of'],
    [{ account: 'acc', chunk_size: '5000M' }, 'chunk_size: '],
    [{ account: 'acc', colour: 'red' }, 'colour: '],
  ])('%j say what is wrong', (given, said) => {
    expect(() => parsed(given)).toThrow(said)
  })
})
