import { randomBytes } from 'node:crypto'
import type { Item } from '../cloud-tree/item.ts'
import { type Caller, findItem, grantsOn, mayUseAppFolder, resolveAlias, roleOf } from './access.ts'
import { driveNotFound, DriveError, fileNotFound, invalidParameter, invalidValue } from './drive-error.ts'
import { type Answer, type Exchange, idsParameter, isTrue, show, supportsAllDrives } from './exchange.ts'
import { fileResource, spaceOf } from './file-resource.ts'
import { ordering } from './ordering.ts'
import { parseQuery, type Query, termsOf } from './query.ts'
import { checkTerms, matches } from './query-terms.ts'
import { driveOf, type Simulation } from './simulation.ts'

/** Values above the range are taken for its end, those below are refused. */
export function pageSizeOf(query: URLSearchParams, simulation: Simulation, most = 1000, usual = 100): number {
  const size = Number(query.get('pageSize') ?? usual)
  if (size < 1)
    throw invalidParameter('pageSize', `Invalid value '${size}'. Values must be within the range: [1, ${most}]`)
  return Math.min(size, most, simulation.pageLimit)
}

/** A page of what was found at the first one, and the token of the next. */
export function pageOf(
  simulation: Simulation,
  query: URLSearchParams,
  size: number,
  find: () => readonly string[],
): { readonly ids: readonly string[]; readonly nextPageToken: string | undefined } {
  const question = JSON.stringify([...query].filter(([name]) => !['pageToken', 'pageSize', 'fields'].includes(name)))
  const token = query.get('pageToken')
  const kept = token === null || token === '' ? undefined : simulation.pages.get(token)
  if (token && kept?.question !== question) throw invalidValue('pageToken')
  const ids = kept?.ids ?? find()
  const rest = ids.slice(size)
  if (rest.length === 0) return { ids, nextPageToken: undefined }
  const nextPageToken = `~!!~${randomBytes(60).toString('base64url')}`
  simulation.pages.set(nextPageToken, { question, ids: rest })
  return { ids: ids.slice(0, size), nextPageToken }
}

/** Which items are asked about at all. */
interface Corpus {
  readonly driveId: string | undefined
  readonly withDrives: boolean
  readonly spaces: readonly string[]
}

/** developers.google.com/workspace/drive/api/guides/enable-shareddrives */
function corpusOf({ simulation, caller, query }: Exchange): Corpus {
  const corpora = query.get('corpora') ?? 'user'
  const driveId = query.get('driveId') ?? query.get('teamDriveId') ?? undefined
  const withDrives = isTrue(query, 'includeItemsFromAllDrives') || isTrue(query, 'includeTeamDriveItems')
  if (!['user', 'domain', 'drive', 'allDrives'].includes(corpora)) throw invalidValue('corpora')
  if ((driveId !== undefined) !== (corpora === 'drive'))
    throw invalidValue('driveId', 'The driveId parameter must be specified if and only if corpora is set to drive.')
  if (withDrives && !supportsAllDrives(query))
    throw invalidValue(
      'supportsAllDrives',
      'The supportsAllDrives parameter must be true to include items of shared drives.',
    )
  if ((corpora === 'drive' || corpora === 'allDrives') && !withDrives)
    throw invalidValue(
      'includeItemsFromAllDrives',
      `The includeItemsFromAllDrives parameter must be true for ${corpora}.`,
    )
  if (driveId !== undefined) {
    if (!simulation.drives.has(driveId)) throw driveNotFound(driveId)
    const root = simulation.tree.need(driveId)
    if (!roleOf(simulation, caller, root)) throw driveNotFound(driveId)
  }
  return { driveId, withDrives, spaces: spacesOf(caller, query) }
}

export function spacesOf({ scopes }: Caller, query: URLSearchParams): readonly string[] {
  const asked = idsParameter(query, 'spaces')
  const spaces = asked.length > 0 ? asked : ['drive']
  for (const space of spaces) if (!['drive', 'appDataFolder', 'photos'].includes(space)) throw invalidValue('spaces')
  const onlyApp = [...scopes].every((scope) => scope === 'drive.appdata' || scope === 'drive.appfolder')
  const wrong = spaces.includes('appDataFolder')
    ? !mayUseAppFolder(scopes) && 'The granted scopes do not allow use of the Application Data folder.'
    : onlyApp && 'The granted scopes do not give access to all of the requested spaces.'
  if (wrong) throw new DriveError(403, 'insufficientScopes', wrong, { locationType: 'parameter', location: 'spaces' })
  return spaces
}

export function listFiles(exchange: Exchange): Answer {
  const { simulation, caller, query } = exchange
  const corpus = corpusOf(exchange)
  const size = pageSizeOf(query, simulation)
  const q = query.get('q') ?? ''
  const search = q.trim() === '' ? undefined : parseQuery(q)
  if (search) checkTerms(search)
  const compare = ordering(exchange, search)
  const { ids, nextPageToken } = pageOf(simulation, query, size, () =>
    found(exchange, corpus, search)
      .sort(compare)
      .map(({ id }) => id),
  )
  const labels = idsParameter(query, 'includeLabels')
  // What was deleted since the first page is left out: pages may be shorter than asked for, and empty.
  const files = ids.flatMap((id) => simulation.tree.get(id) ?? [])
  return show('fileList', {
    kind: 'drive#fileList',
    incompleteSearch: false,
    files: files.map((item) => fileResource(simulation, caller, item, labels)),
    nextPageToken,
  })
}

function found(exchange: Exchange, corpus: Corpus, search: Query | undefined): Item[] {
  const { simulation, caller } = exchange
  const parents = parentsIn(exchange, search)
  const candidates = parents.narrows
    ? [...parents.ids].flatMap((id) => simulation.tree.children(id, true))
    : [...simulation.tree.items()]
  return candidates.filter((item) => {
    if (simulation.tree.roots.includes(item.id)) return false
    if (!isInCorpus(exchange, corpus, item, parents.ids)) return false
    return !search || matches(search, { simulation, caller, item })
  })
}

/** The folders that a search names, and whether it finds nothing outside of them. */
function parentsIn(
  { simulation, caller }: Exchange,
  search: Query | undefined,
): { readonly ids: ReadonlySet<string>; readonly narrows: boolean } {
  if (!search) return { ids: new Set(), narrows: false }
  const named = termsOf(search).filter(({ field }) => field === 'parents')
  const ids = new Set<string>()
  for (const { value } of named) {
    const id = resolveAlias(simulation, caller, typeof value === 'string' ? value : '')
    const folder = simulation.tree.get(id)
    // The service does not say which one.
    if (!folder || !roleOf(simulation, caller, folder)) throw fileNotFound('')
    ids.add(findItem(simulation, caller, id, { supportsAllDrives: true }).id)
  }
  const parts = search.kind === 'and' ? search.of : [search]
  const isAboutParents = (part: Query): boolean =>
    part.kind === 'term' ? part.field === 'parents' : part.kind === 'or' && part.of.every(isAboutParents)
  return { ids, narrows: parts.some(isAboutParents) }
}

function isInCorpus(exchange: Exchange, corpus: Corpus, item: Item, parents: ReadonlySet<string>): boolean {
  const { simulation, caller } = exchange
  if (!corpus.spaces.includes(spaceOf(simulation, item))) return false
  const drive = driveOf(simulation, item.id)
  if (corpus.driveId !== undefined && drive?.id !== corpus.driveId) return false
  if (drive && !corpus.withDrives) return false
  if (!roleOf(simulation, caller, item)) return false
  // What one only has a link to is found in its folder, and nowhere else.
  return item.parents.some((parent) => parents.has(parent)) || isDiscoverable(simulation, caller, item)
}

const isDiscoverable = (simulation: Simulation, { email }: Caller, item: Item): boolean =>
  grantsOn(simulation, item).some(
    ({ permission }) => permission.emailAddress === email || permission.allowFileDiscovery === true,
  )
