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

describe('the options of Dropbox', () => {
  it('are those of the reference, with their types, duties and defaults', () => {
    const own = rows.map((row) => ({
      name: row.name,
      type: row.type,
      required: row.required,
      default: row.default,
    }))
    const byName = (one: { readonly name: string }, other: { readonly name: string }) =>
      one.name < other.name ? -1 : 1
    expect(own.sort(byName)).toEqual([...fields].sort(byName))
    expect(definition).toMatchObject({
      slug: reference.slug,
      category: reference.category,
      idPrefix: reference.idPrefix,
    })
  })

  it('are each described, secrets and what has no effect are marked', () => {
    expect(rows.filter(({ description }) => description.length < 10).map(({ name }) => name)).toEqual([])
    expect(rows.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['token', 'client_secret'])
    expect(rows.filter(({ deprecated }) => deprecated).map(({ name }) => name)).toEqual(['batch_commit_timeout'])
  })

  it('are in the README as the schema has them', async () => {
    expect(await readFile(new URL('../README.md', import.meta.url), 'utf8')).toContain(optionsTable())
  })

  it('take a token as a blob, as text or as it is, and an access token alone', () => {
    const blob = { access_token: 'a', refresh_token: 'b', expiry: '2030-01-01T00:00:00Z' }
    const whole = { access: 'a', refresh: 'b', expires: Date.UTC(2030, 0) }
    expect(parseOptions(options, { token: JSON.stringify(blob) }).token).toEqual(whole)
    expect(parseOptions(options, { token: blob }).token).toEqual(whole)
    const alone = { access: 'sl.u.AbC-d_E=', refresh: '', expires: Number.POSITIVE_INFINITY }
    expect(parseOptions(options, { token: ' sl.u.AbC-d_E=\n' }).token).toEqual(alone)
    expect(parseOptions(options, { token: '' }).token).toBeUndefined()
    expect(parseOptions(options, {}).token).toBeUndefined()
  })

  it.each([
    [{ auth_url: 'accounts' }, /auth_url: must be a URL/],
    [{ token_url: 'https://ada:marker@host' }, /token_url: must be a URL/],
    [{ client_credentials: true }, /client_id: .*client_secret: /],
    [{ token: '{"marker' }, /token: must be a JSON object/],
    [{ token: '{"access_token": 5}' }, /token.access_token: must be text/],
    [{ token: 'two marker words' }, /token: must be a JSON object/],
    [{ batch_mode: 'maybe' }, /batch_mode: must be one of: off, sync, async/],
    [{ batch_size: 1001 }, /batch_size: must be a whole number from 0 to 1000/],
    [{ batch_timeout: 301 }, /batch_timeout: must be a number of seconds/],
    [{ chunk_size: '151M' }, /chunk_size: must be a size/],
    [{ chunk_size: 0 }, /chunk_size: must be a size/],
    [{ root_namespace: 'ns:12' }, /root_namespace: must be the number of a namespace/],
    [{ shared_files: true, shared_folders: true }, /shared_files: cannot go together with shared_folders/],
    [{ colour: 'red' }, /colour: there is no such option/],
  ])('%j is refused by name', (given, problem) => {
    expect(() => parseOptions(options, given)).toThrow(problem)
    expect(() => parseOptions(options, given)).not.toThrow('marker')
  })
})

describe('allowing access', () => {
  const parsed = (given: object) => parseOptions(options, given)
  const flow = definition.oauth

  it('asks for access that lasts, and for what is needed', () => {
    expect(flow?.parameters).toEqual({ token_access_type: 'offline' })
    expect(flow?.scopes(parsed({}))).not.toContain('members.read')
    expect(flow?.scopes(parsed({ impersonate: 'ada@example.com' }))).toEqual(
      expect.arrayContaining(['files.content.write', 'members.read', 'team_data.member']),
    )
  })

  it('happens at the vendor, unless the options name other places', () => {
    const own = { auth_url: 'https://a.example/authorize', token_url: 'https://a.example/token' }
    expect([flow?.authorizeUrl(parsed(own)), flow?.tokenUrl(parsed(own))]).toEqual(Object.values(own))
    expect(flow?.tokenUrl(parsed({}))).toBe('https://api.dropboxapi.com/oauth2/token')
  })

  it('is needed without a token and without credentials of a client', () => {
    expect(flow?.needsUser(parsed({}))).toBe(true)
    expect(flow?.needsUser(parsed({ token: 'one' }))).toBe(false)
    expect(flow?.needsUser(parsed({ client_credentials: true, client_id: 'a', client_secret: 'b' }))).toBe(false)
  })
})
