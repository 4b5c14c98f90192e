import { describe, expect, it } from 'vitest'
import { createCloudTree } from './cloud-tree.ts'
import { TreeError, type TreeProblem } from './tree-error.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

/** What the tree refuses with. */
function problemOf(act: () => unknown): TreeProblem {
  try {
    act()
  } catch (error) {
    if (error instanceof TreeError) return error.problem
    throw error
  }
  throw new Error('It was not refused.')
}

describe('a tree of a cloud drive', () => {
  it('finds what was put there, by id and by path', () => {
    const tree = createCloudTree()
    const folder = tree.addFolder({ name: 'a/b', parents: ['root'] })
    const file = tree.addFile({ name: 'c', parents: [folder.id], bytes: bytes('x') })
    expect(tree.at('root', ['a/b', 'c'])).toBe(file)
    expect(tree.pathOf(file.id)).toEqual(['a/b', 'c'])
    expect(tree.rootOf(file.id)).toBe('root')
    expect(tree.children('root')).toEqual([folder])
    expect(tree.below('root').map(({ id }) => id)).toEqual(['root', folder.id, file.id])
  })

  it('takes a name twice only when it is told to, and tells case apart only when it is told to', () => {
    const strict = createCloudTree({ caseSensitive: false })
    strict.addFolder({ name: 'Straße', parents: ['root'] })
    expect(problemOf(() => strict.addFolder({ name: 'STRAßE', parents: ['root'] }))).toBe('conflict')
    expect(strict.named('root', 'straße')).toHaveLength(1)
    const loose = createCloudTree({ duplicates: true })
    loose.addFolder({ name: 'a', parents: ['root'] })
    loose.addFolder({ name: 'a', parents: ['root'] })
    expect(loose.named('root', 'a')).toHaveLength(2)
    expect(loose.named('root', 'A')).toHaveLength(0)
  })

  it('moves and renames, but never into itself, and roots stay', () => {
    const tree = createCloudTree()
    const [a, b] = ['a', 'b'].map((name) => tree.addFolder({ name, parents: ['root'] }))
    if (!a || !b) throw new Error('Folders are missing.')
    tree.update(a.id, { parents: [b.id], name: 'c' })
    expect(tree.pathOf(a.id)).toEqual(['b', 'c'])
    expect(tree.named('root', 'a')).toEqual([])
    expect(problemOf(() => tree.update(b.id, { parents: [a.id] }))).toBe('cycle')
    expect(problemOf(() => tree.update('root', { trashed: true }))).toBe('refused')
    expect(problemOf(() => tree.remove('root'))).toBe('refused')
    expect(problemOf(() => tree.update(a.id, { parents: ['gone'] }))).toBe('not-found')
  })

  it('keeps revisions, and a snapshot keeps showing what was', () => {
    const tree = createCloudTree()
    tree.setClock(1000)
    const first = tree.addFile({ name: 'a', parents: ['root'], bytes: bytes('one') })
    tree.setClock(2000)
    const second = tree.write(first.id, bytes('two!'), { modified: 5, contentType: 'text/plain' })
    expect(second.revisions.map((revision) => [String(revision.bytes), revision.modified])).toEqual([
      ['one', 1000],
      ['two!', 5],
    ])
    expect(first.revisions).toHaveLength(1)
    expect(second).toMatchObject({ created: 1000, modified: 5, changed: 2000, contentType: 'text/plain' })
    const [oldest] = second.revisions
    const left = tree.removeRevision(first.id, oldest?.id ?? '')
    expect(left.revisions).toHaveLength(1)
    expect(problemOf(() => tree.removeRevision(first.id, left.revisions[0]?.id ?? ''))).toBe('refused')
  })

  it('knows what lies in the trash, frees its name, and refuses to bring it back where the name is taken', () => {
    const tree = createCloudTree()
    const folder = tree.addFolder({ name: 'a', parents: ['root'] })
    const file = tree.addFile({ name: 'b', parents: [folder.id], bytes: bytes('x') })
    tree.update(folder.id, { trashed: true })
    expect(tree.isTrashed(file.id)).toBe(true)
    expect(tree.children('root')).toEqual([])
    expect(tree.children('root', true)).toHaveLength(1)
    const other = tree.addFolder({ name: 'a', parents: ['root'] })
    expect(problemOf(() => tree.update(folder.id, { trashed: false }))).toBe('conflict')
    tree.remove(other.id)
    tree.update(folder.id, { trashed: false })
    expect(tree.isTrashed(file.id)).toBe(false)
  })

  it('copies a folder with everything in it, but not into itself', () => {
    const tree = createCloudTree()
    const folder = tree.addFolder({ name: 'a', parents: ['root'], facts: { colour: 'red' } })
    tree.addFile({ name: 'b', parents: [folder.id], bytes: bytes('x'), modified: 7 })
    const copy = tree.copy(folder.id, { name: 'c' })
    expect(copy.facts).toEqual({ colour: 'red' })
    expect(tree.at('root', ['c', 'b'])).toMatchObject({ modified: 7 })
    expect(problemOf(() => tree.copy(folder.id, { parents: [folder.id] }))).toBe('cycle')
  })

  it('counts bytes for each root, and refuses what does not fit without a trace', () => {
    const tree = createCloudTree({ root: { id: 'mine', total: 10 } })
    tree.addRoot({ id: 'team' })
    const file = tree.addFile({ name: 'a', parents: ['mine'], bytes: Buffer.alloc(6) })
    tree.addFile({ name: 'a', parents: ['team'], bytes: Buffer.alloc(60) })
    const { sequence } = tree
    expect(problemOf(() => tree.addFile({ name: 'b', parents: ['mine'], bytes: Buffer.alloc(5) }))).toBe('no-space')
    expect(problemOf(() => tree.write(file.id, Buffer.alloc(11)))).toBe('no-space')
    expect(problemOf(() => tree.copy(file.id, { name: 'b' }))).toBe('no-space')
    expect(tree.sequence).toBe(sequence)
    tree.write(file.id, Buffer.alloc(10))
    tree.update(file.id, { trashed: true })
    expect(tree.quota('mine')).toEqual({ total: 10, used: 10, trashed: 10 })
    expect(tree.roots).toEqual(['mine', 'team'])
  })

  it('logs every change with where it was and where it is', () => {
    const tree = createCloudTree()
    const heard: number[] = []
    const stop = tree.onChange(({ sequence }) => heard.push(sequence))
    const start = tree.sequence
    const folder = tree.addFolder({ name: 'a', parents: ['root'] })
    const file = tree.addFile({ name: 'b', parents: [folder.id], bytes: bytes('x') })
    tree.update(file.id, { name: 'c' })
    stop()
    tree.remove(folder.id)
    const changes = tree.changesSince(start)
    expect(changes.map(({ what, path, pathBefore }) => [what, path.join('/'), pathBefore?.join('/')])).toEqual([
      ['created', 'a', undefined],
      ['created', 'a/b', undefined],
      ['updated', 'a/c', 'a/b'],
      ['removed', 'a/c', 'a/c'],
      ['removed', 'a', 'a'],
    ])
    expect(heard).toEqual([start + 1, start + 2, start + 3])
    expect(changes.map(({ root, rootBefore }) => [root, rootBefore]).at(-1)).toEqual(['root', 'root'])
    expect(tree.changesSince(tree.sequence)).toEqual([])
  })

  it('holds what lies in no root', () => {
    const tree = createCloudTree()
    const shared = tree.addFolder({ name: 'theirs', parents: [] })
    const file = tree.addFile({ name: 'a', parents: [shared.id], bytes: bytes('x') })
    expect(tree.rootOf(file.id)).toBeUndefined()
    expect(tree.pathOf(file.id)).toEqual(['theirs', 'a'])
    expect(tree.isWithin(file.id, 'root')).toBe(false)
  })
})
