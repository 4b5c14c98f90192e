import { describeOptions, parseOptions } from '@filegate/core/options'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { options } from './options.ts'

const signed = 'https://acc.file.core.windows.net/the-share?sv=2022-11-02&sig=abc'
const account = { account: 'acc', key: 'a2V5' }

describe('the options of Azure Files', () => {
  it.each([
    ['a key', { ...account, share_name: 'the-share' }],
    ['a signed URL of a share', { sas_url: signed }],
    ['a signed URL of a share that is named besides', { sas_url: signed, share_name: 'the-share' }],
    [
      'a connection string',
      { connection_string: 'AccountName=acc;AccountKey=a2V5;EndpointSuffix=core.windows.net', share_name: 'the-share' },
    ],
    ['what the machine has', { env_auth: true, share_name: 'the-share' }],
  ])('are enough with %s', (_what, given) => {
    expect(parseOptions(options, given)).toMatchObject({ chunk_size: 4_194_304, max_stream_size: 10_737_418_240 })
  })

  it.each([
    [account, 'share_name: is required'],
    [{ ...account, share_name: 'Upper' }, 'share_name: must be 3 to 63 lower-case letters'],
    [{ ...account, share_name: 'a--b' }, 'share_name: must be'],
    [{ ...account, share_name: 'a/../b' }, 'share_name: must be'],
    [{ sas_url: signed, share_name: 'another' }, 'share_name: is not the share of the signed URL'],
    [{ sas_url: 'https://acc.file.core.windows.net/?sig=abc' }, 'share_name: is required'],
    [{ share_name: 'the-share' }, 'account: is required'],
    [{ ...account, share_name: 'the-share', chunk_size: '10' }, 'chunk_size: must be a size'],
    [{ ...account, share_name: 'the-share', upload_concurrency: 0 }, 'upload_concurrency: must be a whole number'],
    [{ ...account, share_name: 'the-share', max_stream_size: '5T' }, 'max_stream_size: must be a size'],
    [{ ...account, share_name: 'the-share', use_emulator: true }, 'use_emulator: there is no such option'],
  ])('%j are refused: %s', (given, problem) => {
    expect(() => parseOptions(options, given)).toThrow(problem)
  })

  it('are in the README as the schema has them', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    for (const { name, type, default: value, description } of describeOptions(options).rows) {
      const shown = value === '' ? '' : `\`${String(value)}\``
      expect(readme).toContain(`| \`${name}\` | ${type} | ${shown} | ${description} |`)
    }
  })

  it('mark what is secret, what names a file and what logs in with the machine', () => {
    const { rows } = describeOptions(options)
    const marked = (mark: 'secret' | 'credentialsFile' | 'machineCredentials') =>
      rows
        .filter((row) => row[mark])
        .map(({ name }) => name)
        .sort()
    expect(marked('secret')).toEqual([
      'client_certificate_password',
      'client_secret',
      'connection_string',
      'key',
      'password',
      'sas_url',
    ])
    expect(marked('credentialsFile')).toEqual(['client_certificate_path', 'service_principal_file'])
    expect(marked('machineCredentials')).toEqual(['env_auth', 'msi_client_id', 'use_msi'])
  })
})
