import { readFileSync } from 'node:fs'
import { describeOptions } from '@filegate/core/options'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { backendType, connectedMessage, createRegistry, responseType } from './registry.ts'
import { demoProvider } from './testing/demo-provider.ts'

/** What the API documents of each provider, without the words. */
const documented = z
  .array(
    z.strictObject({
      slug: z.string(),
      backend_type: z.string(),
      type: z.string(),
      id_prefix: z.string(),
      message: z.string(),
      fields: z.array(
        z.strictObject({
          name: z.string(),
          type: z.enum(['string', 'boolean', 'integer']),
          required: z.boolean(),
          default: z.unknown(),
        }),
      ),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('./fixtures/providers.json', import.meta.url), 'utf8')))

/** Options that name a file on the server. */
const files = /^(?:.*_file|client_certificate_path)$/

const registry = createRegistry()

describe('the registry', () => {
  it('is sorted, and refuses what it does not have, naming what it has', async () => {
    expect(registry.slugs).toEqual([...registry.slugs].sort())
    expect(registry.slugs).toContain('s3')
    for (const slug of ['nope', '__proto__', 'constructor', '']) {
      await expect(registry.load(slug)).rejects.toThrow('The providers are: ')
    }
    expect(createRegistry({ demo: async () => demoProvider().definition }).slugs).toEqual(['demo'])
  })

  it.each(registry.slugs)('holds %s as it is documented', async (slug) => {
    const definition = await registry.load(slug)
    const reference = documented.find((provider) => provider.slug === slug)
    if (!reference) throw new Error(`${slug} is documented nowhere`)
    const { fields, ...facts } = reference
    expect({
      slug: definition.slug,
      backend_type: backendType(slug),
      type: responseType(definition),
      id_prefix: definition.idPrefix,
      message: connectedMessage(definition),
    }).toEqual(facts)
    const { rows } = describeOptions(definition.options)
    // A required option has no default, and one whose default is unset says so in a word.
    const expected = fields.map((field) => ({
      ...field,
      default: field.required ? undefined : (field.default ?? 'unset'),
    }))
    const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1)
    expect(
      rows.map(({ name, type, required, default: value }) => ({ name, type, required, default: value })).sort(byName),
    ).toEqual(expected.sort(byName))
    expect(rows.filter(({ description }) => description === '').map(({ name }) => name)).toEqual([])
  })

  it.each(registry.slugs)('knows which options of %s name files', async (slug) => {
    const { rows } = describeOptions((await registry.load(slug)).options)
    const marked = rows.filter(({ credentialsFile }) => credentialsFile).map(({ name }) => name)
    expect(marked).toEqual(rows.filter(({ name }) => files.test(name)).map(({ name }) => name))
  })
})
