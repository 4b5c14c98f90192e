import { canonicalPath, parsePath, StorageError, type StoragePath } from '@filegate/core'
import type { AccountRule, Grant } from '../settings.ts'
import { parsePassword } from './passwords.ts'

/** Where the account ends and its paths begin. */
const pathsStart = /@(?=\/|backend:)/

/**
 * Reads the rules of `--auth`: `user:password@/path:rw,/other`, or `@/path` for everybody. A path on a connected backend is
 * written `backend:ID/path`, and `backend:*` stands for all of them. Several rules may stand in one text, joined by `|`. Rules
 * of the same account add up.
 * @throws StorageError `InvalidArgument`. The message counts rules instead of repeating them: they hold passwords.
 */
export function parseRules(texts: readonly string[]): AccountRule[] {
  const accounts = new Map<string | undefined, AccountRule>()
  for (const [place, text] of texts.flatMap(splitRules).entries()) {
    const refuse = (problem: string): never => {
      throw new StorageError('InvalidArgument', `rule ${place + 1}: ${problem}`)
    }
    const rule = parseRule(text, refuse)
    const known = accounts.get(rule.user)
    if (known && known.password !== rule.password) refuse(`the account '${rule.user}' has another password already`)
    accounts.set(rule.user, { ...rule, paths: merge(known?.paths ?? [], rule.paths, refuse) })
  }
  return [...accounts.values()]
}

type Refuse = (problem: string) => never

/** A `|` joins rules only where a complete rule stands before it: passwords may hold one too. */
function splitRules(text: string): string[] {
  const rules: string[] = []
  let rule = ''
  for (const part of text.split('|')) {
    rule = rule === '' ? part : `${rule}|${part}`
    if (!pathsStart.test(rule)) continue
    rules.push(rule)
    rule = ''
  }
  return rule === '' && rules.length > 0 ? rules : [...rules, rule]
}

function parseRule(text: string, refuse: Refuse): AccountRule {
  const at = text.search(pathsStart)
  if (at === -1) return refuse("needs '@/' and a path, as in user:password@/path:rw or @/path")
  const paths = text
    .slice(at + 1)
    .split(',')
    .filter((path) => path !== '')
    .map((path) => parseGrant(path, refuse))
  const account = text.slice(0, at)
  if (account === '') return { paths }
  const colon = account.indexOf(':')
  const user = account.slice(0, Math.max(0, colon))
  const password = account.slice(colon + 1)
  if (user === '' || password === '') return refuse("needs user:password before '@/', or nothing there for everybody")
  try {
    parsePassword(password)
  } catch (error) {
    refuse(StorageError.is(error) ? error.message : String(error))
  }
  return { user, password, paths }
}

const levels: Readonly<Record<string, Grant['level']>> = { ro: 'read', rw: 'write' }

function parseGrant(text: string, refuse: Refuse): Grant {
  const [start = '', backend] = /^backend:([\w-]+|\*)(?=\/)/.exec(text) ?? []
  const path = text.slice(start.length)
  const colon = path.lastIndexOf(':')
  const level = colon === -1 ? 'read' : levels[path.slice(colon + 1)]
  if (!path.startsWith('/')) {
    return refuse(`the path '${text}' must start with a slash, or with backend:ID and a slash`)
  }
  if (!level) return refuse(`the path '${text}' must end in :ro or :rw, or hold no colon`)
  const parsed = pathOf(colon === -1 ? path : path.slice(0, colon), refuse)
  if (backend === undefined) return { path: parsed, level }
  // Rights are decided on the one spelling of a path that backends know.
  return { backend, path: canonicalPath(parsed), level }
}

function pathOf(text: string, refuse: Refuse): StoragePath {
  try {
    return parsePath(text)
  } catch (error) {
    return refuse(StorageError.is(error) ? error.message : String(error))
  }
}

/** A path of a rule as it is written, without its level. */
export const spelled = ({ backend, path }: Grant): string =>
  backend === undefined ? `/${path}` : `backend:${backend}/${path}`

function merge(known: readonly Grant[], added: readonly Grant[], refuse: Refuse): Grant[] {
  const merged = new Map(known.map((grant) => [spelled(grant), grant]))
  for (const grant of added) {
    const name = spelled(grant)
    if ((merged.get(name) ?? grant).level !== grant.level) refuse(`${name} is given as :ro and as :rw`)
    merged.set(name, grant)
  }
  return [...merged.values()]
}
