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

describe('the options of S3', () => {
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
      'secret_access_key',
      'session_token',
      'sse_customer_key',
      'sse_customer_key_base64',
    ])
  })

  it('are in the README as the schema has them', async () => {
    expect(await readFile(new URL('../README.md', import.meta.url), 'utf8')).toContain(optionsTable())
  })

  it('name every problem at once', () => {
    const wrong = { chunk_size: '1M', list_version: 3, use_multipart_etag: 'maybe', colour: 'red' }
    expect(() => parseOptions(options, wrong)).toThrow(
      /(?=.*endpoint: is required)(?=.*chunk_size: )(?=.*list_version: )(?=.*use_multipart_etag: )(?=.*colour: )/,
    )
  })
})
