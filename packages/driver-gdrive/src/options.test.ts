import { describeOptions, parseOptions } from '@filegate/core/options'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import reference from './fixtures/reference.json' with { type: 'json' }
import definition, { options } from './index.ts'
import { optionsTable } from './testing/options-table.ts'

const fields = z
  .array(z.object({ name: z.string(), type: z.string(), required: z.boolean(), default: z.unknown() }))
  .parse(reference.fields)
const { rows } = describeOptions(options)

describe('the options of Google Drive', () => {
  it('are those of the reference, with their types, duties and defaults', () => {
    const own = rows.map((row) => ({ name: row.name, type: row.type, required: row.required, default: row.default }))
    const byName = (one: { readonly name: string }, other: { readonly name: string }) =>
      one.name < other.name ? -1 : 1
    expect(own.sort(byName)).toEqual(fields.toSorted(byName))
    expect(definition).toMatchObject({
      slug: reference.slug,
      category: reference.category,
      idPrefix: reference.idPrefix,
    })
  })

  it('are each described, and secrets, files, machine logins and old names are marked', () => {
    expect(rows.filter(({ description }) => description.length < 10).map(({ name }) => name)).toEqual([])
    const marked = (mark: 'secret' | 'deprecated' | 'credentialsFile' | 'machineCredentials') =>
      rows.filter((row) => row[mark]).map(({ name }) => name)
    expect(marked('secret')).toEqual(['client_secret', 'token', 'service_account_credentials', 'resource_key'])
    expect(marked('deprecated')).toEqual(['formats', 'alternate_export', 'disable_http2'])
    expect(marked('credentialsFile')).toEqual(['service_account_file'])
    expect(marked('machineCredentials')).toEqual(['env_auth'])
  })

  it('are in the README as the schema has them', async () => {
    expect(await readFile(new URL('../README.md', import.meta.url), 'utf8')).toContain(optionsTable())
  })

  it.each([
    [{ scope: 'drive,gmail' }, /scope: must be some of drive, /],
    [{ auth_url: 'accounts' }, /auth_url: must be a URL/],
    [{ token_url: 'https://ada:marker@host' }, /token_url: must be a URL/],
    [{ impersonate: 'a@b' }, /impersonate: needs service_account/],
    [{ client_credentials: true }, /client_id: is required/],
    [{ resource_key: 'marker' }, /resource_key: belongs to root_folder_id/],
    [{ root_folder_id: '../x' }, /root_folder_id: must be the id/],
    [{ team_drive: "x' or 'a" }, /team_drive: must be the id/],
    [{ team_drive: 'x', shared_with_me: true }, /shared_with_me: cannot be combined with team_drive/],
    [{ formats: 'pdf', export_formats: 'odt' }, /formats: .*only one/],
    [{ export_formats: 'exe' }, /export_formats: .*exe is not/],
    [{ import_formats: 'exe' }, /import_formats: .*exe is not/],
    [{ skip_gdocs: true, show_all_gdocs: true }, /skip_gdocs: cannot be combined/],
    [{ chunk_size: '300000' }, /chunk_size: must be a power of two/],
    [{ chunk_size: '1K' }, /chunk_size: must be a size/],
    [{ list_chunk: 50 }, /list_chunk: must be 0, or from 100/],
    [{ list_chunk: 1001 }, /list_chunk: must be a whole number/],
    [{ metadata_labels: 'maybe' }, /metadata_labels: must be off/],
    [{ token: 'marker' }, /token: must be a JSON object/],
    [{ service_account_credentials: '{"type":"external_account","marker":1}' }, /must be the key of a service account/],
    [{ colour: 'red' }, /colour: there is no such option/],
  ])('%j is refused by name', (given, problem) => {
    expect(() => parseOptions(options, given)).toThrow(problem)
    expect(() => parseOptions(options, given)).not.toThrow('marker')
  })

  it('take 0 of the pacer for what the vendor allows', () => {
    expect(parseOptions(options, {})).toMatchObject({ pacer_min_sleep: 0.1, pacer_burst: 100 })
    expect(parseOptions(options, { pacer_min_sleep: 2 })).toMatchObject({ pacer_min_sleep: 2 })
  })
})

describe('the flow by which a user allows access', () => {
  const parsed = (given: Record<string, unknown>) => parseOptions(options, given)
  const { oauth } = definition

  it('asks for the scopes of the options, and for a refresh token', () => {
    expect(oauth?.scopes(parsed({}))).toEqual(['https://www.googleapis.com/auth/drive'])
    expect(oauth?.scopes(parsed({ scope: 'drive.readonly, drive.file' }))).toEqual([
      'https://www.googleapis.com/auth/drive.readonly',
      'https://www.googleapis.com/auth/drive.file',
    ])
    expect(oauth?.parameters).toEqual({ access_type: 'offline', prompt: 'consent' })
    expect(oauth?.authorizeUrl(parsed({}))).toMatch(/^https:\/\/accounts\.google\.com\//)
    expect(oauth?.authorizeUrl(parsed({ auth_url: 'https://own.example/a' }))).toBe('https://own.example/a')
    expect(oauth?.tokenUrl(parsed({ token_url: 'https://own.example/t' }))).toBe('https://own.example/t')
  })

  it.each([
    [{}, true],
    [{ client_id: 'x' }, true],
    [{ token: '{"access_token":"x"}' }, false],
    [{ env_auth: true }, false],
    [{ service_account_file: 'key.json' }, false],
    [{ client_credentials: true, client_id: 'x' }, false],
  ])('is needed with %j: %s', (given, needed) => {
    expect(oauth?.needsUser(parsed(given))).toBe(needed)
  })
})
