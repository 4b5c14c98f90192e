import { createHash } from 'node:crypto'
import { memory, parsePath, requireMethods, StorageError } from '@filegate/core'
import { afterAll, describe, expect, it } from 'vitest'
import { everything } from '../access/scope.ts'
import { readRequest } from '../http/read-request.ts'
import { createReply } from '../http/reply.ts'
import { blank } from '../journal/blank.ts'
import { createContentStore } from '../journal/content-store.ts'
import type { JournalEntry } from '../journal/entry.ts'
import { createServices } from '../services.ts'
import { defaultSettings } from '../settings.ts'
import { raw } from '../views/raw.ts'
import { viewPage } from '../views/view-page.ts'
import type { View } from '../views/view.ts'
import { pastSource } from './past.ts'

const settings = defaultSettings('/nowhere', '/nowhere')
const services = createServices(settings)
afterAll(() => services.close())

const entry: JournalEntry = {
  ...blank({ path: parsePath('a.txt'), at: Date.UTC(2026, 4, 4) }),
  ...({ id: 1, seq: 3, line: 1, shift: 0, op: 'write' } as const),
}

interface Asking {
  readonly method?: 'GET' | 'HEAD'
  /** Whether the journal still has it. */
  readonly isKept?: boolean
  readonly view?: View['respond']
}

/** What a file called `name` held in its third revision. */
async function ask(
  name: string,
  bytes: Uint8Array,
  search: string,
  { method = 'GET', isKept = true, view = raw }: Asking = {},
): Promise<Response> {
  const storage = memory()
  const content = createContentStore(requireMethods(storage, 'write', 'remove'))
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (isKept) await content.put(hash, bytes)
  const path = parsePath(name)
  const request = new Request(`http://localhost/${name}${search}`, { method })
  const header = (key: string): string | undefined => request.headers.get(key) ?? undefined
  const incoming = { request, target: `/${name}${search}`, header, hasBody: false, body: () => null }
  const shared = { settings, services, reply: createReply(settings), scope: everything, local: undefined }
  return view({
    ...shared,
    storage,
    handOff: () => {},
    request: readRequest(incoming, 'basic', path, search),
    source: pastSource(content, path, { entry, hash, size: bytes.length, mostKept: 100 }),
  })
}

const text = new TextEncoder().encode('Grüße\n')

describe('what a file held once', () => {
  it.each([
    ['a.txt', text, 'text/plain; charset=utf-8'],
    ['a.txt', Uint8Array.of(0x47, 0x72, 0xfc, 0x20), 'text/plain; charset=windows-1252'],
    ['LICENSE', text, 'text/plain; charset=utf-8'],
    ['LICENSE', Uint8Array.of(1, 0), 'application/octet-stream'],
    ['empty', new Uint8Array(), 'text/plain; charset=utf-8'],
  ])('is of the type that it would have today: %s with %o', async (name, bytes, type) => {
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await ask(name, bytes, '?revision=3', { method })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type])
    }
  })

  it('is not said to be there when it is not kept, to HEAD no more than to GET', async () => {
    for (const method of ['GET', 'HEAD'] as const) {
      const error = await ask('a.txt', text, '?revision=3', { method, isKept: false }).catch(
        (thrown: unknown) => thrown,
      )
      expect(StorageError.is(error, 'NotFound')).toBe(true)
    }
  })

  it.each([
    ['?revision=3&view', 'revision=3'],
    ['?at=2026-05-04T12:00:00%2B02:00&view', 'at=2026-05-04T12%3A00%3A00%2B02%3A00'],
  ])('is what all links of a page lead to that shows it: %s', async (search, which) => {
    for (const [name, bytes] of [
      ['a.txt', text],
      ['a.md', text],
      ['a.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47)],
      ['a.bin', Uint8Array.of(1, 0)],
    ] as const) {
      const page = await (await ask(name, bytes, search, { view: (context) => viewPage.respond(context) })).text()
      expect(page).toContain(`href="/${name}?${which}"`)
      expect(page).toContain(`href="/${name}?${which}&amp;download"`)
      expect(page).toContain(`href="?${which}&amp;stat"`)
      const links = [...page.matchAll(/(?:href|src)="(\/a\.[^"]*|\?[^"]*)"/g)].map(([, url]) => url)
      expect(links.filter((url) => !url?.includes(which))).toEqual([])
    }
  })
})
