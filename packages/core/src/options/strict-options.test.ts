import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { byteSize } from './byte-size.ts'
import { deprecatedOptions, describeOptions } from './describe-options.ts'
import { encoding } from './encoding.ts'
import { jsonText } from './json-text.ts'
import { redact } from './redact.ts'
import { choice, description, flag, integer, requiredSecretText, requiredText, secretText } from './scalars.ts'
import { parseOptions, problemsOf, strictOptions } from './strict-options.ts'
import { wordList } from './word-list.ts'

const token = z.looseObject({ access_token: z.string(), expiry: z.string().optional() })

const schema = strictOptions({
  bucket: requiredText().describe('The bucket to use.'),
  key: requiredSecretText(),
  pass: secretText().describe('A password.'),
  chunk_size: byteSize({ minimum: 5_242_880 }).prefault('5242880').describe('Bytes in a part.'),
  use_trash: flag().prefault(true),
  list_chunk: integer({ minimum: 1, maximum: 1000 }).prefault(1000),
  tier: choice(['hot', 'cool']).default('hot'),
  formats: wordList().prefault('docx,xlsx').meta({ deprecated: true }),
  token: jsonText(token),
  encoding: encoding(50_331_650),
  description: description(),
})

describe('strict options', () => {
  it('come out with their defaults', () => {
    expect(parseOptions(schema, { bucket: 'b', key: 'k' })).toEqual({
      bucket: 'b',
      key: 'k',
      pass: '',
      chunk_size: 5_242_880,
      use_trash: true,
      list_chunk: 1000,
      tier: 'hot',
      formats: ['docx', 'xlsx'],
      token: undefined,
      encoding: 50_331_650,
      description: '',
    })
  })

  it('name every problem and every unknown field, and repeat no value', () => {
    const parsed = schema.safeParse({
      bucket: 7,
      chunk_size: 'SECRET',
      list_chunk: '2000',
      tier: 'SECRET',
      token: 'SECRET',
      bukket: 'x',
      extra: 1,
    })
    expect(parsed.success).toBe(false)
    const problems = problemsOf(parsed.error ?? new z.ZodError([]))
    expect([...problems].sort()).toEqual([
      'bucket: must be text',
      'bukket: there is no such option',
      'chunk_size: must be a size from 5242880 to 9007199254740991 bytes such as 5242880, 512K, 5M or 1G',
      'extra: there is no such option',
      'key: is required',
      'list_chunk: must be a whole number from 1 to 1000',
      'tier: must be one of: hot, cool',
      'token: must be a JSON object',
    ])
    expect(problems.join()).not.toContain('SECRET')
  })

  it('end in one InvalidArgument that says all of it', () => {
    expect(() => parseOptions(schema, { bucket: '' })).toThrow(
      expect.objectContaining({
        code: 'InvalidArgument',
        message: 'These options are wrong: bucket: is required; key: is required.',
      }),
    )
    expect(() => parseOptions(schema, 'text')).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
  })

  it('say that a field is missing also where the schema is plain zod', () => {
    const plain = strictOptions({ name: z.string() }).safeParse({})
    expect(problemsOf(plain.error ?? new z.ZodError([]))).toEqual(['name: is required'])
  })

  it('read a JSON blob and check what is in it', () => {
    const blob = { access_token: 'a', token_type: 'Bearer' }
    for (const value of [JSON.stringify(blob), blob]) {
      expect(parseOptions(schema, { bucket: 'b', key: 'k', token: value }).token).toEqual(blob)
    }
    const wrong = schema.safeParse({ bucket: 'b', key: 'k', token: '{"expiry": "x"}' })
    expect(problemsOf(wrong.error ?? new z.ZodError([]))).toEqual(['token.access_token: is required'])
    for (const odd of ['[1]', '"x"', 'null', '{']) {
      expect(schema.safeParse({ bucket: 'b', key: 'k', token: odd }).success).toBe(false)
    }
  })
})

describe('the description of options', () => {
  const { jsonSchema, rows } = describeOptions(schema)
  const row = (name: string) => rows.find((one) => one.name === name)

  it('has a row for each option, in the order of the schema, with its type and default as a user writes them', () => {
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(schema.shape))
    expect(row('bucket')).toEqual({
      name: 'bucket',
      type: 'string',
      required: true,
      description: 'The bucket to use.',
      secret: false,
      deprecated: false,
      credentialsFile: false,
      machineCredentials: false,
    })
    expect(row('chunk_size')).toMatchObject({ type: 'string', required: false, default: '5242880' })
    expect(row('use_trash')).toMatchObject({ type: 'boolean', default: true })
    expect(row('list_chunk')).toMatchObject({ type: 'integer', default: 1000 })
    expect(row('tier')).toMatchObject({ type: 'string', default: 'hot', choices: ['hot', 'cool'] })
    expect(row('encoding')).toMatchObject({ type: 'string', default: '50331650' })
    expect(row('formats')).toMatchObject({ type: 'string', deprecated: true })
    expect(row('description')).toMatchObject({ type: 'string', default: '' })
  })

  it('marks secrets', () => {
    expect(rows.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['key', 'pass', 'token'])
  })

  it('is a JSON Schema that refuses unknown fields', () => {
    expect(jsonSchema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['bucket', 'key'],
      properties: { chunk_size: { type: 'string', default: '5242880', description: 'Bytes in a part.' } },
    })
    expect(JSON.stringify(jsonSchema)).not.toContain('"shown"')
  })

  it('tells which deprecated options are in use', () => {
    expect(deprecatedOptions(schema, { bucket: 'b', formats: 'docx' })).toEqual(['formats'])
    expect(deprecatedOptions(schema, { bucket: 'b' })).toEqual([])
  })
})

describe('redacting options', () => {
  it('hides secrets that are there, and drops what it does not know', () => {
    expect(redact(schema, { bucket: 'b', key: 'k', pass: '', token: { access_token: 'x' }, passwort: 'typo' })).toEqual(
      {
        bucket: 'b',
        key: '[redacted]',
        pass: '',
        token: '[redacted]',
      },
    )
  })
})
