import { randomUUID } from 'node:crypto'
import { type Change, changeLog } from './change-log.ts'
import { currentRevision, type Facts, type Item, type Revision, sizeOf } from './item.ts'
import { nameIndex } from './name-index.ts'
import type { CloudTree, CloudTreeOptions, ItemFields, NewContent, NewItem, NewRoot, Quota } from './tree-contract.ts'
import { TreeError } from './tree-error.ts'

export type { CloudTree, CloudTreeOptions, ItemFields, NewContent, NewItem, NewRoot, Quota } from './tree-contract.ts'

interface Root {
  total: number | undefined
}

export function createCloudTree(options: CloudTreeOptions = {}): CloudTree {
  const { caseSensitive = true, duplicates = false, makeId = () => randomUUID() } = options
  const items = new Map<string, Item>()
  const roots = new Map<string, Root>()
  const log = changeLog()
  const index = nameIndex(caseSensitive ? (name) => name : (name) => name.toLowerCase())
  let stopped: number | undefined
  const now = (): number => stopped ?? options.now?.() ?? Date.now()

  function need(id: string): Item {
    const item = items.get(id)
    if (!item) throw new TreeError('not-found', `There is no item ${id}.`, id)
    return item
  }
  const present = (ids: readonly string[]): Item[] => ids.map((id) => need(id))
  const named = (parent: string, name: string): readonly Item[] =>
    present(index.named(parent, name)).filter((item) => !item.trashed)
  const children = (parent: string, withTrashed = false): readonly Item[] =>
    present(index.inside(parent)).filter((item) => withTrashed || !item.trashed)

  /** From the item itself to the uppermost thing around it, along the first parent. */
  function upwards(item: Item): Item[] {
    const way = [item]
    for (let at = items.get(item.parents[0] ?? ''); at; at = items.get(at.parents[0] ?? '')) way.push(at)
    return way
  }
  function whereIs(item: Item): { readonly root: string | undefined; readonly path: readonly string[] } {
    const way = upwards(item)
    const top = way.at(-1)
    const root = top && roots.has(top.id) ? top.id : undefined
    const names = way.map(({ name }) => name).reverse()
    return { root, path: root === undefined ? names : names.slice(1) }
  }
  const isWithin = (id: string, folder: string): boolean => upwards(need(id)).some((item) => item.id === folder)

  function below(id: string): readonly Item[] {
    const found: Item[] = [need(id)]
    // A list that grows while it is walked.
    for (const item of found) found.push(...children(item.id, true))
    return found
  }

  function quota(root: string): Quota {
    let used = 0
    let trashed = 0
    for (const item of items.values()) {
      const size = sizeOf(item)
      if (size === 0) continue
      const way = upwards(item)
      if (way.at(-1)?.id !== root) continue
      used += size
      if (way.some((around) => around.trashed)) trashed += size
    }
    return { total: roots.get(root)?.total, used, trashed }
  }

  function checkSpace(root: string | undefined, more: number): void {
    const total = roots.get(root ?? '')?.total
    if (root === undefined || total === undefined || more <= 0) return
    if (quota(root).used + more > total) throw new TreeError('no-space', `${root} has no room for ${more} bytes more.`)
  }
  function checkParents(parents: readonly string[]): void {
    for (const parent of parents) {
      if (need(parent).kind !== 'folder') throw new TreeError('not-a-folder', `${parent} is a file.`, parent)
    }
  }
  function checkName(item: Pick<Item, 'id' | 'name' | 'parents' | 'trashed'>): void {
    if (duplicates || item.trashed) return
    for (const parent of item.parents) {
      const taken = named(parent, item.name).find((other) => other.id !== item.id)
      if (taken) throw new TreeError('conflict', `${JSON.stringify(item.name)} is taken in ${parent}.`, taken.id)
    }
  }

  /** The one place where the tree changes: keeps the index and the log true. */
  function enter(what: Change['what'], before: Item | undefined, after: Item | undefined): void {
    const item = after ?? before
    if (!item) return
    const was = before && whereIs(before)
    if (before) for (const parent of before.parents) index.remove(parent, before.name, before.id)
    if (after) {
      items.set(after.id, after)
      for (const parent of after.parents) index.add(parent, after.name, after.id)
    } else {
      items.delete(item.id)
    }
    const is = whereIs(item)
    log.add({
      time: now(),
      what,
      id: item.id,
      ...(after || !was ? is : was),
      pathBefore: was?.path,
      rootBefore: was?.root,
      before,
      after,
    })
  }

  const mergeFacts = (old: Facts, facts: Facts = {}): Facts =>
    Object.fromEntries(Object.entries({ ...old, ...facts }).filter(([, value]) => value !== undefined))

  const makeRevision = (bytes: Uint8Array, modified: number, content: NewContent): Revision => ({
    id: makeId('revision'),
    bytes: Buffer.from(bytes),
    contentType: content.contentType,
    modified,
    received: now(),
    facts: content.revisionFacts ?? {},
  })

  function add(kind: Item['kind'], fields: NewItem): Item {
    const id = fields.id ?? makeId(kind)
    if (items.has(id)) throw new TreeError('refused', `${id} is taken.`, id)
    const { name, parents, contentType, bytes, facts, trashed = false } = fields
    checkParents(parents)
    checkName({ id, name, parents, trashed })
    const first = items.get(parents[0] ?? '')
    checkSpace(first && whereIs(first).root, bytes?.length ?? 0)
    const time = now()
    const { created = time, modified = time } = fields
    const revisions = bytes === undefined ? [] : [makeRevision(bytes, modified, { contentType })]
    const item: Item = {
      id,
      kind,
      name,
      parents,
      contentType,
      created,
      modified,
      changed: time,
      trashed,
      trashedAt: trashed ? time : undefined,
      revisions,
      facts: mergeFacts({}, facts),
      sequence: log.sequence + 1,
    }
    enter('created', undefined, item)
    return item
  }

  function change(what: Change['what'], before: Item, fields: Partial<Item>): Item {
    const after = { ...before, ...fields, changed: now(), sequence: log.sequence + 1 }
    enter(what, before, after)
    return after
  }

  function update(id: string, fields: ItemFields): Item {
    const before = need(id)
    const { name = before.name, parents = before.parents, trashed = before.trashed } = fields
    const moved = parents !== before.parents
    if (roots.has(id) && (trashed || parents.length > 0))
      throw new TreeError('refused', `${id} is a root, it stays where it is.`, id)
    if (moved) checkParents(parents)
    for (const parent of moved ? parents : []) {
      if (isWithin(parent, id)) throw new TreeError('cycle', `${parent} lies inside of ${id}.`, parent)
    }
    if (moved || name !== before.name || trashed !== before.trashed) checkName({ id, name, parents, trashed })
    const way = trashed === before.trashed ? 'updated' : trashed ? 'trashed' : 'restored'
    return change(way, before, {
      name,
      parents,
      trashed,
      trashedAt: trashed ? (before.trashedAt ?? now()) : undefined,
      contentType: fields.contentType ?? before.contentType,
      created: fields.created ?? before.created,
      modified: fields.modified ?? before.modified,
      facts: mergeFacts(before.facts, fields.facts),
    })
  }

  function write(id: string, bytes: Uint8Array, content: NewContent = {}): Item {
    const before = need(id)
    if (before.kind !== 'file') throw new TreeError('not-a-file', `${id} is a folder.`, id)
    checkSpace(whereIs(before).root, bytes.length - sizeOf(before))
    const { contentType = before.contentType, modified = now() } = content
    const revision = makeRevision(bytes, modified, { ...content, contentType })
    return change('written', before, {
      contentType,
      modified,
      revisions: [...before.revisions, revision],
      facts: mergeFacts(before.facts, content.facts),
    })
  }

  function findRevision(item: Item, id: string): Revision {
    const found = item.revisions.find((revision) => revision.id === id)
    if (!found) throw new TreeError('not-found', `${item.id} has no revision ${id}.`, id)
    return found
  }

  function copy(id: string, place: ItemFields): Item {
    const source = need(id)
    const parents = place.parents ?? source.parents
    for (const parent of parents) {
      if (isWithin(parent, id)) throw new TreeError('cycle', `${parent} lies inside of ${id}.`, parent)
    }
    const first = items.get(parents[0] ?? '')
    const bytes = below(id).reduce((sum, item) => sum + sizeOf(item), 0)
    checkSpace(first && whereIs(first).root, bytes)
    return copyInto(source, { ...place, parents })
  }

  function copyInto(source: Item, place: ItemFields): Item {
    const { name = source.name, parents = source.parents } = place
    const { contentType = source.contentType, created, modified = source.modified } = place
    const facts = mergeFacts(source.facts, place.facts)
    const fields = { name, parents, contentType, created, modified, facts }
    const made = add(source.kind, { ...fields, bytes: currentRevision(source)?.bytes })
    for (const child of children(source.id)) copyInto(child, { parents: [made.id] })
    return made
  }

  function addRoot({ id, name = '', total, facts }: NewRoot): Item {
    roots.set(id, { total })
    return add('folder', { id, name, parents: [], facts })
  }

  const tree: CloudTree = {
    caseSensitive,
    duplicates,
    get roots() {
      return [...roots.keys()]
    },
    addRoot,
    now,
    setClock(time) {
      stopped = time
    },
    setTotal(root, total) {
      const found = roots.get(root)
      if (!found) throw new TreeError('not-found', `There is no root ${root}.`, root)
      found.total = total
    },
    quota,
    get: (id) => items.get(id),
    need,
    items: () => items.values(),
    children,
    named,
    at: (root, path) => path.reduce<Item | undefined>((item, name) => item && named(item.id, name)[0], items.get(root)),
    rootOf: (id) => whereIs(need(id)).root,
    pathOf: (id) => whereIs(need(id)).path,
    isWithin,
    isTrashed: (id) => upwards(need(id)).some((item) => item.trashed),
    below,
    addFolder: (item) => add('folder', item),
    addFile: (item) => add('file', item),
    write,
    update,
    updateRevision(id, revision, facts) {
      const item = need(id)
      const found = findRevision(item, revision)
      const revisions = item.revisions.map((one) =>
        one === found ? { ...one, facts: mergeFacts(one.facts, facts) } : one,
      )
      return change('updated', item, { revisions })
    },
    removeRevision(id, revision) {
      const item = need(id)
      const found = findRevision(item, revision)
      if (item.revisions.length === 1) throw new TreeError('refused', `${revision} is all that ${id} has.`, revision)
      return change('updated', item, { revisions: item.revisions.filter((one) => one !== found) })
    },
    copy,
    remove(id) {
      if (roots.has(id)) throw new TreeError('refused', `${id} is a root, it stays.`, id)
      for (const item of [...below(id)].reverse()) enter('removed', item, undefined)
    },
    get sequence() {
      return log.sequence
    },
    changesSince: (sequence) => log.since(sequence),
    onChange: (heard) => log.listen(heard),
  }
  addRoot(options.root ?? { id: 'root' })
  return tree
}
