import type { Item } from '../cloud-tree/item.ts'
import { type Caller, effectiveGrants, ranks, resolveAlias } from './access.ts'
import { invalidValue } from './drive-error.ts'
import type { Operator, Query, Term } from './query.ts'
import { holds, termsOf } from './query.ts'
import { notesOf, type Simulation, typeOf } from './simulation.ts'

interface Subject {
  readonly simulation: Simulation
  readonly caller: Caller
  readonly item: Item
}

/** What can be asked about a field, and how to find it out. */
interface Field {
  readonly operators: readonly Operator[]
  readonly value: 'text' | 'boolean' | 'time' | 'pair'
  readonly test: (subject: Subject, term: Term) => boolean
}

const equality: readonly Operator[] = ['=', '!=']
const order: readonly Operator[] = ['<=', '<', '=', '!=', '>', '>=']

const textOf = ({ value }: Term): string => (typeof value === 'string' ? value : '')
const not = (term: Term, isEqual: boolean): boolean => (term.operator === '!=' ? !isEqual : isEqual)

const boolean = (read: (subject: Subject) => boolean): Field => ({
  operators: equality,
  value: 'boolean',
  test: (subject, term) => not(term, read(subject) === term.value),
})

/** Without a zone it is UTC. */
function timeOf(text: string): number {
  const zoned = /(?:[Zz]|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`
  const time = Date.parse(zoned)
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?$/.test(text) || Number.isNaN(time))
    throw invalidValue('q')
  return time
}

const comparisons: Partial<Readonly<Record<Operator, (a: number, b: number) => boolean>>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

const time = (read: (subject: Subject) => number | undefined): Field => ({
  operators: order,
  value: 'time',
  test(subject, term) {
    const known = read(subject)
    return known !== undefined && (comparisons[term.operator]?.(known, timeOf(textOf(term))) ?? false)
  },
})

/** `contains` matches from the start of words, as the reference says of names. */
function containsWord(text: string, wanted: string): boolean {
  const [lower, start] = [text.toLowerCase(), wanted.toLowerCase()]
  for (let at = lower.indexOf(start); at >= 0; at = lower.indexOf(start, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(lower[at - 1] ?? '')) return true
  }
  return false
}

const people = (least: 'owner' | 'writer' | 'reader'): Field => ({
  operators: ['in'],
  value: 'text',
  test: ({ simulation, caller, item }, term) => {
    const email = textOf(term) === 'me' ? caller.email : textOf(term)
    return effectiveGrants(simulation, item).some(
      ({ permission }) => permission.emailAddress === email && ranks[permission.role] >= ranks[least],
    )
  },
})

const pairs = (read: (subject: Subject) => Readonly<Record<string, string>>): Field => ({
  operators: ['has'],
  value: 'pair',
  test: (subject, { value }) => typeof value === 'object' && read(subject)[value.key] === value.value,
})

const noted = ({ simulation, item }: Subject) => notesOf(simulation, item.id)

export const isSharedWithMe = ({ simulation, caller, item }: Subject): boolean => {
  const { owner, permissions } = notesOf(simulation, item.id)
  return owner !== caller.email && permissions.some(({ emailAddress }) => emailAddress === caller.email)
}

/** developers.google.com/workspace/drive/api/guides/ref-search-terms */
const fields: Readonly<Record<string, Field>> = {
  name: {
    operators: ['contains', '=', '!='],
    value: 'text',
    // Nothing is promised about case, so nothing is told apart by it: whoever needs the exact name compares.
    test: ({ item }, term) =>
      term.operator === 'contains'
        ? containsWord(item.name, textOf(term))
        : not(term, item.name.toLowerCase() === textOf(term).toLowerCase()),
  },
  fullText: {
    operators: ['contains'],
    value: 'text',
    test: (subject, term) =>
      [subject.item.name, noted(subject).description, Buffer.from(noted(subject).document ?? []).toString()].some(
        (text) => text?.toLowerCase().includes(textOf(term).toLowerCase()),
      ),
  },
  mimeType: {
    operators: ['contains', '=', '!='],
    value: 'text',
    test: ({ item }, term) =>
      term.operator === 'contains' ? typeOf(item).startsWith(textOf(term)) : not(term, typeOf(item) === textOf(term)),
  },
  modifiedTime: time(({ item }) => item.modified),
  createdTime: time(({ item }) => item.created),
  viewedByMeTime: time((subject) => noted(subject).viewedByMeTime),
  trashed: boolean(({ simulation, item }) => simulation.tree.isTrashed(item.id)),
  starred: boolean((subject) => noted(subject).starredBy.includes(subject.caller.email)),
  sharedWithMe: boolean(isSharedWithMe),
  parents: {
    operators: ['in'],
    value: 'text',
    test: ({ simulation, caller, item }, term) => item.parents.includes(resolveAlias(simulation, caller, textOf(term))),
  },
  owners: people('owner'),
  writers: people('writer'),
  readers: people('reader'),
  properties: pairs((subject) => noted(subject).properties),
  appProperties: pairs((subject) => noted(subject).appProperties),
  'shortcutDetails.targetId': {
    operators: equality,
    value: 'text',
    test: (subject, term) => not(term, noted(subject).shortcut?.targetId === textOf(term)),
  },
  labels: {
    operators: ['in'],
    value: 'text',
    test: (subject, term) => noted(subject).labels.has(textOf(term).replace(/^labels\//, '')),
  },
  visibility: {
    operators: equality,
    value: 'text',
    test: (subject, term) => not(term, visibilityOf(noted(subject).permissions) === textOf(term)),
  },
}

function visibilityOf(permissions: ReturnType<typeof noted>['permissions']): string {
  const open = permissions.find(({ type }) => type === 'anyone' || type === 'domain')
  if (!open) return 'limited'
  const who = open.type === 'anyone' ? 'anyone' : 'domain'
  return open.allowFileDiscovery ? `${who}CanFind` : `${who}WithLink`
}

/** @throws invalid for conditions that no file can be held against */
export function checkTerms(query: Query): void {
  for (const term of termsOf(query)) {
    const field = Object.hasOwn(fields, term.field) ? fields[term.field] : undefined
    const kinds = { boolean: 'boolean', pair: 'object', text: 'string', time: 'string' } as const
    if (!field?.operators.includes(term.operator) || typeof term.value !== kinds[field.value]) throw invalidValue('q')
    if (field.value === 'time') timeOf(textOf(term))
  }
}

export const matches = (query: Query, subject: Subject): boolean =>
  holds(query, (term) => fields[term.field]?.test(subject, term) ?? false)
