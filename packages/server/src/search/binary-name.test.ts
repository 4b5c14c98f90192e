import { memory, root, type StorageDriver } from '@filegate/core'
import { afterAll, describe, expect, it } from 'vitest'
import { Query } from '../http/query.ts'
import { hasBinaryName } from './binary-name.ts'
import { grepRequest } from './grep-request.ts'
import { createGrepThreads } from './grep-threads.ts'
import { walkStoredTree } from './stored-tree-walk.ts'
import { filesOf, searchWithThreads } from './thread-grep.ts'

const threads = createGrepThreads()
afterAll(() => threads.close())

describe('a file that holds no lines', () => {
  it.each(['photo.JPG', 'a/b.tar.gz', 'lib.so', '.cache.zip'])('is told by the name %s', (name) => {
    expect(hasBinaryName(name)).toBe(true)
  })

  it.each(['notes.txt', 'server.key', 'cube.obj', 'picture.svg', 'zip', '.zip', 'gz/readme', 'main.ts'])(
    'is not told by the name %s',
    (name) => {
      expect(hasBinaryName(name)).toBe(false)
    },
  )

  it('is not fetched when a tree of a storage is searched, nor is one that is too large', async () => {
    const base = memory({ 'a.txt': 'foo\n', 'b.png': 'foo\n', 'c/d.zip': 'foo\n', 'large.txt': 'foo\n'.repeat(100) })
    const fetched: string[] = []
    const storage: StorageDriver = {
      ...base,
      read(path, options) {
        fetched.push(path)
        return base.read(path, options)
      },
    }
    const request = grepRequest(new Query('grep=foo&max_filesize=100&no_ignore'))
    const files = (signal: AbortSignal) => filesOf(walkStoredTree(storage, root, { limits: request, signal }))
    const outcome = await searchWithThreads(threads, { storage, files }, request, AbortSignal.timeout(10_000))
    expect(outcome.matches.map(({ path }) => path)).toEqual(['/a.txt'])
    expect(fetched).toEqual(['a.txt'])
  })
})
