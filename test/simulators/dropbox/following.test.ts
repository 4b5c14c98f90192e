import { asyncProperty, array, assert, constantFrom, oneof, record, constant, tuple } from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import { type Dropbox, startDropbox } from './start-dropbox.ts'
import { type Client, clientOf } from './testing-client.ts'

let dropbox: Dropbox
let client: Client
beforeAll(async () => {
  dropbox = await startDropbox({ limits: { page: 2 } })
  client = clientOf(dropbox)
})
afterAll(() => dropbox.close())

type State = Map<string, string>

/** As files/list_folder says that clients should keep what they know. */
function apply(state: State, entry: files.ListFolderResult['entries'][number]): void {
  const path = entry.path_lower ?? ''
  const removeBelow = (): void => {
    for (const known of state.keys()) if (known.startsWith(`${path}/`)) state.delete(known)
  }
  if (entry['.tag'] === 'deleted') {
    state.delete(path)
    removeBelow()
  } else if (entry['.tag'] === 'file') {
    removeBelow()
    state.set(path, entry.rev)
  } else {
    state.set(path, 'folder')
  }
}

async function follow(state: State, first: files.ListFolderResult): Promise<string> {
  let page = first
  for (;;) {
    for (const entry of page.entries) apply(state, entry)
    if (!page.has_more) return page.cursor
    page = (await client.filesListFolderContinue({ cursor: page.cursor })).result
  }
}

const path = tuple(constantFrom('a', 'B', 'c'), constantFrom('', '/a', '/b', '/C', '/a/b', '/b/a')).map(
  ([top, rest]) => `/watched/${top}${rest}`,
)
const elsewhere = constantFrom('/other/x', '/other/y', '/other/x/deep')
const step = oneof(
  record({ what: constant('upload' as const), at: oneof(path, elsewhere) }),
  record({ what: constant('folder' as const), at: oneof(path, elsewhere) }),
  record({ what: constant('delete' as const), at: oneof(path, elsewhere) }),
  record({ what: constant('move' as const), at: oneof(path, elsewhere), to: oneof(path, elsewhere) }),
  record({ what: constant('copy' as const), at: oneof(path, elsewhere), to: oneof(path, elsewhere) }),
  record({ what: constant('look' as const), at: constant('') }),
)

let contents = 0
const steps = {
  upload: ({ at }) => client.filesUpload({ path: at, contents: `${(contents += 1)}`, mode: { '.tag': 'overwrite' } }),
  folder: ({ at }) => client.filesCreateFolderV2({ path: at }),
  delete: ({ at }) => client.filesDeleteV2({ path: at }),
  move: ({ at, to = '' }) => client.filesMoveV2({ from_path: at, to_path: to }),
  copy: ({ at, to = '' }) => client.filesCopyV2({ from_path: at, to_path: to }),
} satisfies Record<string, (one: { readonly at: string; readonly to?: string }) => Promise<unknown>>

it('whoever follows a cursor knows in the end what a new listing shows', async () => {
  await assert(
    asyncProperty(array(step, { maxLength: 25, size: 'max' }), async (row) => {
      for (const old of ['/watched', '/other']) await client.filesDeleteV2({ path: old }).catch(() => undefined)
      await client.filesCreateFolderV2({ path: '/watched' })
      const state: State = new Map()
      let cursor = await follow(state, (await client.filesListFolder({ path: '/watched', recursive: true })).result)
      const look = async (): Promise<void> => {
        cursor = await follow(state, (await client.filesListFolderContinue({ cursor })).result)
      }
      for (const one of row) {
        // What is refused changes nothing, which is part of what is tested.
        await (one.what === 'look' ? look() : steps[one.what](one).catch(() => undefined))
      }
      await look()
      const fresh: State = new Map()
      await follow(fresh, (await client.filesListFolder({ path: '/watched', recursive: true })).result)
      expect(Object.fromEntries(state)).toEqual(Object.fromEntries(fresh))
    }),
    {
      numRuns: 60,
      examples: [
        [
          // A folder in the place of another one.
          [
            { what: 'folder', at: '/watched/B/b' },
            { what: 'look', at: '' },
            { what: 'delete', at: '/watched/B' },
            { what: 'upload', at: '/watched/B/a/b' },
          ],
        ],
      ],
    },
  )
}, 60_000)
