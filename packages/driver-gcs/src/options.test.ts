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

describe('the options of Google Cloud Storage', () => {
  it('are those of the reference, with their types, duties and defaults', () => {
    const expected = fields.map((field) => ({ ...field, default: field.default ?? 'unset' }))
    const own = rows.map((row) => ({
      name: row.name,
      type: row.type,
      required: row.required,
      default: row.required ? '' : row.default,
    }))
    const byName = (one: { readonly name: string }, other: { readonly name: string }) =>
      one.name < other.name ? -1 : 1
    expect(own.sort(byName)).toEqual(expected.sort(byName))
    expect(definition).toMatchObject({
      slug: reference.slug,
      category: reference.category,
      idPrefix: reference.idPrefix,
    })
  })

  it('are each described, and secrets are marked', () => {
    expect(rows.filter(({ description }) => description.length < 10).map(({ name }) => name)).toEqual([])
    expect(rows.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'service_account_credentials',
      'access_token',
      'token',
      'client_secret',
    ])
  })

  it('are in the README as the schema has them', async () => {
    expect(await readFile(new URL('../README.md', import.meta.url), 'utf8')).toContain(optionsTable())
  })

  it.each([
    [{ endpoint: 'ftp://host' }, /endpoint: must be a host/],
    [{ endpoint: 'https://ada:marker@host' }, /endpoint: must be a host/],
    [{ auth_url: 'accounts' }, /auth_url: must be a URL/],
    [{ token_url: 'https://ada:marker@host' }, /token_url: must be a URL/],
    [{ client_credentials: true }, /client_id: .*client_secret: .*token_url: /],
    [{ token: 'marker' }, /token: must be a JSON object/],
    [{ token: '{"access_token": 5}' }, /token.access_token: must be text/],
    [{ service_account_credentials: '{"type":"external_account","marker":1}' }, /must be the key of a service account/],
    [
      { service_account_credentials: '{"type":"service_account"}' },
      /client_email: is missing.*private_key: is missing/,
    ],
    [{ colour: 'red' }, /colour: there is no such option/],
  ])('%j is refused by name', (given, problem) => {
    expect(() => parseOptions(options, given)).toThrow(problem)
    expect(() => parseOptions(options, given)).not.toThrow('marker')
  })
})
