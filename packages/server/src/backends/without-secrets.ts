import type { DriverDefinition } from '@filegate/core'
import { describeOptions, redactedText } from '@filegate/core/options'

/** Shorter ones would blot out ordinary words, and protect nothing. */
const shortest = 4

/** Takes the secrets of some options out of a text that somebody else wrote. */
export type Scrub = (text: string) => string

/** Levels of JSON that are looked into. Tokens have two or three; thousands would be an attack. */
const deepest = 10

/** Every text in a value: the secrets in a token are the members of a JSON object. */
function* textsIn(value: unknown, depth = deepest): Generator<string> {
  if (typeof value === 'number') yield String(value)
  if (typeof value === 'string') yield value
  if (depth === 0) return
  if (typeof value === 'string') {
    if (/^\s*[[{]/.test(value)) yield* textsIn(parsed(value), depth - 1)
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) yield* textsIn(member, depth - 1)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The password of `https://user:password@host`, and the query, where signatures are. */
function secretsOfAddress(text: string): string[] {
  const [, password = ''] = /^[a-z][a-z0-9+.-]*:\/\/[^/@:]*:([^/]*)@/i.exec(text) ?? []
  const [, query = ''] = /^[a-z][a-z0-9+.-]*:\/\/[^?]*\?(.*)$/i.exec(text) ?? []
  return [password, query]
}

/** In the forms in which a vendor may repeat it. */
function spellings(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    encodeURI(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ]
}

export function scrubberOf(
  { options: schema }: Pick<DriverDefinition, 'options'>,
  ...givens: readonly object[]
): Scrub {
  const secretNames = new Set(
    describeOptions(schema)
      .rows.filter(({ secret }) => secret)
      .map(({ name }) => name),
  )
  const known = new Set(describeOptions(schema).rows.map(({ name }) => name))
  const secrets = givens
    .flatMap((given) => Object.entries(given))
    .flatMap(([name, value]) => {
      // What the schema does not know may be a secret under a wrong name.
      if (secretNames.has(name) || !known.has(name)) return [...textsIn(value)]
      return typeof value === 'string' ? secretsOfAddress(value) : []
    })
  const longestFirst = [...new Set(secrets.filter((secret) => secret.length >= shortest).flatMap(spellings))].sort(
    (one, other) => other.length - one.length,
  )
  return (text) => longestFirst.reduce((clean, secret) => clean.replaceAll(secret, redactedText), text)
}
