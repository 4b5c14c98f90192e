import { describeOptions, parseOptions } from '@filegate/core/options'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import reference from './fixtures/reference.json' with { type: 'json' }
import definition, { options } from './index.ts'
import { oauthFlow } from './oauth-flow.ts'
import { optionsTable } from './testing/options-table.ts'

const fields = z
  .array(z.object({ name: z.string(), type: z.string(), required: z.boolean(), default: z.unknown() }))
  .parse(reference.fields)
const { rows } = describeOptions(options)
const parse = (given: Readonly<Record<string, unknown>>) => parseOptions(options, given)

describe('the options of OneDrive', () => {
  it('are those of the reference, with their types, duties and defaults', () => {
    const own = rows.map(({ name, type, required, ...row }) => ({ name, type, required, default: row.default }))
    const byName = (one: { readonly name: string }, other: { readonly name: string }) =>
      one.name < other.name ? -1 : 1
    expect(own.sort(byName)).toEqual(fields.toSorted(byName))
    expect(own).toHaveLength(28)
    expect(definition).toMatchObject({
      slug: reference.slug,
      category: reference.category,
      idPrefix: reference.idPrefix,
    })
  })

  it('are each described, and secrets are marked', () => {
    expect(rows.filter(({ description }) => description.length < 10).map(({ name }) => name)).toEqual([])
    expect(rows.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'token',
      'client_secret',
      'link_password',
    ])
  })

  it('are in the README as the schema has them', async () => {
    expect(await readFile(new URL('../README.md', import.meta.url), 'utf8')).toContain(optionsTable())
  })

  it.each([
    [{ auth_url: 'accounts' }, /auth_url: must be a URL/],
    [{ token_url: 'https://ada:marker@host' }, /token_url: must be a URL/],
    [{ client_credentials: true }, /client_id: .*client_secret: .*tenant: .*drive_id: is required/],
    [{ token: 'marker' }, /token: must be a JSON object/],
    [{ chunk_size: '1000000' }, /chunk_size: must be a multiple of 320 KiB/],
    [{ chunk_size: '0' }, /chunk_size: must be a multiple/],
    [{ chunk_size: '262471680' }, /chunk_size: must be a multiple/],
    [{ drive_type: 'shared' }, /drive_type: must be one of/],
    [{ drive_type: 'personal', hard_delete: true }, /hard_delete: does not work on personal drives/],
    [{ drive_type: 'personal', no_versions: 'true' }, /no_versions: does not work on personal drives/],
    [{ region: 'cn', delta: true }, /delta: does not work in the region cn/],
    [{ region: 'mars' }, /region: must be one of/],
    [{ tenant: '../common' }, /tenant: must be the id/],
    [{ list_chunk: 0 }, /list_chunk: must be a whole number from 1 to 1000/],
    [{ hash_type: 'md5' }, /hash_type: must be one of/],
    [{ metadata_permissions: 'all' }, /metadata_permissions: must be off, or some of/],
    [{ metadata_permissions: '8' }, /metadata_permissions: must be off, or some of/],
    [{ access_scopes: '[marker' }, /access_scopes: must be scopes/],
    [{ access_scopes: '[5]' }, /access_scopes: must be scopes/],
    [{ colour: 'red' }, /colour: there is no such option/],
  ])('%j is refused by name', (given, problem) => {
    expect(() => parse(given)).toThrow(problem)
    expect(() => parse(given)).not.toThrow('marker')
  })

  it.each([
    ['0', [false, false, false]],
    ['off', [false, false, false]],
    [1, [true, false, false]],
    ['read,write', [true, true, false]],
    ['Read, FailOK', [true, false, true]],
    ['7', [true, true, true]],
  ])('metadata_permissions %j are bits', (given, [reads, writes, mayFail]) => {
    expect(parse({ metadata_permissions: given }).metadata_permissions).toEqual({ reads, writes, mayFail })
  })
})

describe('where users allow access', () => {
  const pages = (given: Readonly<Record<string, unknown>>) => {
    const parsed = parse(given)
    return [oauthFlow.authorizeUrl(parsed), oauthFlow.tokenUrl(parsed)]
  }

  it.each([
    [{}, 'https://login.microsoftonline.com/common/oauth2/v2.0'],
    [{ region: 'us' }, 'https://login.microsoftonline.us/common/oauth2/v2.0'],
    [{ region: 'de' }, 'https://login.microsoftonline.de/common/oauth2/v2.0'],
    [{ region: 'cn', tenant: 'contoso.cn' }, 'https://login.chinacloudapi.cn/contoso.cn/oauth2/v2.0'],
  ])('is with %j at %s', (given, base) => {
    expect(pages(given)).toEqual([`${base}/authorize`, `${base}/token`])
  })

  it('is where auth_url and token_url say', () => {
    expect(pages({ auth_url: 'https://a.example/x', token_url: 'https://t.example/y' })).toEqual([
      'https://a.example/x',
      'https://t.example/y',
    ])
  })

  it('is asked for the scopes, in whichever way they are written', () => {
    const scopes = (given: Readonly<Record<string, unknown>>) => oauthFlow.scopes(parse(given))
    expect(scopes({})).toContain('Sites.Read.All')
    expect(scopes({ disable_site_permission: true })).not.toContain('Sites.Read.All')
    for (const access_scopes of [
      'Files.Read  offline_access',
      '["Files.Read","offline_access"]',
      ['Files.Read', 'offline_access'],
    ]) {
      expect(scopes({ access_scopes })).toEqual(['Files.Read', 'offline_access'])
    }
    const client = { client_credentials: true, client_id: 'i', client_secret: 's', tenant: 't', drive_id: 'd' }
    expect(scopes({ ...client, region: 'us' })).toEqual(['https://graph.microsoft.us/.default'])
    expect(oauthFlow.needsUser(parse(client))).toBe(false)
    expect(oauthFlow.needsUser(parse({}))).toBe(true)
    expect(oauthFlow.needsUser(parse({ token: '{"access_token":"x"}' }))).toBe(false)
  })
})
