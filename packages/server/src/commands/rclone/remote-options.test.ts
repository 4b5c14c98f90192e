import { createCipheriv, randomBytes } from 'node:crypto'
import type { OptionRow } from '@filegate/core/options'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRcloneConfig } from './config-text.ts'
import { reveal } from './obscured.ts'
import { optionsOfRemote, slugOf } from './remote-options.ts'

/** As `rclone obscure` of version 1.60 wrote it. */
const obscured = 'drD9_--yMiik7XFPx28Z_-lsP8NUvxlmvJmbE9qvN5mGqKvsT0ti'

function hide(password: string): string {
  const key = Buffer.from('9c935b48730a554d6bfd7c63c886a92bd390198eb8128afbf4de162b8b95f638', 'hex')
  const nonce = randomBytes(16)
  const cipher = createCipheriv('aes-256-ctr', key, nonce)
  return Buffer.concat([nonce, cipher.update(password, 'utf8'), cipher.final()]).toString('base64url')
}

const row = (name: string, more: Partial<OptionRow> = {}): OptionRow => ({
  name,
  type: 'string',
  required: false,
  description: '',
  secret: false,
  deprecated: false,
  credentialsFile: false,
  machineCredentials: false,
  ...more,
})

function optionsOf(text: string, rows: readonly OptionRow[]) {
  const [remote] = parseRcloneConfig(text)
  if (!remote) throw new Error('no remote')
  return optionsOfRemote(remote, rows)
}

describe('an obscured password', () => {
  it('is revealed', () => {
    expect(reveal(obscured)).toBe('correct horse ünïcode')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => reveal(hide(text.toWellFormed())) === text.toWellFormed()),
    )
  })

  it('is told from what is none', () => {
    for (const text of ['', 'short', 'in clear text!', 'a password that is long enough'])
      expect(reveal(text)).toBeUndefined()
  })
})

describe('a remote of rclone', () => {
  it('becomes options of the provider: passwords in clear, sizes in KiB, unknown keys left out', () => {
    const text = `[files]
type = koofr
user = ada
password = ${obscured}
chunk_size = 1024
upload_cutoff = 5M
region =
bogus = 1
`
    const rows = ['user', 'password', 'chunk_size', 'upload_cutoff', 'region', 'description'].map((name) => row(name))
    expect(optionsOf(text, rows)).toEqual({
      options: {
        user: 'ada',
        password: 'correct horse ünïcode',
        chunk_size: '1024Ki',
        upload_cutoff: '5M',
        description: 'files, imported from rclone',
      },
      leftOut: ['bogus'],
      unreadable: [],
    })
  })

  it('leaves an option empty that is required here and has a default there', () => {
    expect(
      optionsOf('[aws]\ntype = s3\nprovider = AWS', [row('provider'), row('endpoint', { required: true })]).options,
    ).toEqual({
      provider: 'AWS',
      endpoint: '',
    })
  })

  it('names passwords that it cannot read', () => {
    const { options, unreadable } = optionsOf('[a]\ntype = mega\npass = in clear!', [row('pass')])
    expect([options, unreadable]).toEqual([{}, ['pass']])
  })

  it('has the slug of its provider', () => {
    const slugs = parseRcloneConfig('[a]\ntype = google cloud storage\n[b]\ntype = s3\n[c]\nx = y').map(slugOf)
    expect(slugs).toEqual(['google-cloud-storage', 's3', ''])
  })
})
