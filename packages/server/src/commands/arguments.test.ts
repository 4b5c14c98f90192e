import { Readable } from 'node:stream'
import { describeOptions } from '@filegate/core/options'
import { describe, expect, it } from 'vitest'
import { demoProvider } from '../backends/testing/demo-provider.ts'
import { parseArguments } from './arguments.ts'
import { givenOptions, typedSecrets } from './given-options.ts'

const { rows } = describeOptions(demoProvider().definition.options)
const flags = [
  ...rows.map(({ name, type }) => ({ name, isSwitch: type === 'boolean' })),
  { name: 'options', isSwitch: false },
]
const parse = (...args: readonly string[]) => parseArguments(args, flags)
const given = (args: readonly string[], variables: Record<string, string> = {}, input = '') =>
  givenOptions('demo', rows, parse(...args), { variables, input: Readable.from([input]) })

describe('the flags of a provider', () => {
  it('are its options, with dashes or underscores', async () => {
    expect(await given(['--key-file', 'a', '--user=b', '--fast'])).toEqual({ key_file: 'a', user: 'b', fast: 'true' })
    expect(await given(['--key_file', 'a', '--fast=false'])).toEqual({ key_file: 'a', fast: 'false' })
  })

  it('are refused by name when they are unknown or have no value, and no value is repeated', () => {
    expect(() => parse('--passwrod', 'marker')).toThrow('did you mean --password?')
    expect(() => parse('--passwrod=marker')).not.toThrow(/marker/)
    expect(() => parse('--user')).toThrow('--user needs a value')
  })

  it('give way to nothing, variables to flags, and the JSON to both', async () => {
    const variables = { FILEGATE_DEMO_USER: 'variable', FILEGATE_DEMO_KEY_FILE: 'file' }
    const json = '{"user":"json","key_file":"json","endpoint":"json"}'
    expect(await given(['--user', 'typed', '--options', json], variables)).toEqual({
      user: 'typed',
      key_file: 'file',
      endpoint: 'json',
    })
  })

  it('take one value from standard input', async () => {
    expect(await given(['--password', '-'], {}, 'marker secret\n')).toEqual({ password: 'marker secret' })
    expect(await given(['--options', '-'], {}, '{"password":"x"}')).toEqual({ password: 'x' })
    await expect(given(['--password', '-', '--token', '-'])).rejects.toThrow('only one value')
    await expect(given(['--options', '{"password":marker'])).rejects.toThrow(
      /^--options takes a JSON object, or - to read one from standard input$/,
    )
  })

  it('tell which secrets others can see', () => {
    expect(typedSecrets(rows, parse('--password', 'x', '--token', '-', '--user', 'y'))).toEqual(['password'])
  })
})
