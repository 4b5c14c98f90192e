import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ListOptions, Page } from './contract.ts'
import { StorageError } from './error.ts'
import { pages } from './pages.ts'
import { gathered } from './testing/gathered.ts'

/** Pages that lead from cursor to cursor as `links` says; each holds its own name. */
function linked(links: Readonly<Record<string, string | undefined>>) {
  const asked: string[] = []
  const page = async ({ cursor = 'start' }: ListOptions): Promise<Page<string>> => {
    asked.push(cursor)
    return { items: [cursor], cursor: links[cursor] }
  }
  return { page, asked }
}

const isCircle = (error: unknown): boolean => StorageError.is(error, 'Unexpected') && error.message.includes('circle')

describe('pages', () => {
  it('yields the items of all pages', async () => {
    const { page } = linked({ start: 'a', a: 'b' })
    expect(await gathered(pages(page))).toEqual(['start', 'a', 'b'])
  })

  it('goes on behind empty pages', async () => {
    const page = async ({ cursor }: ListOptions): Promise<Page<number>> =>
      cursor === 'end' ? { items: [1] } : { items: [], cursor: 'end' }
    expect(await gathered(pages(page))).toEqual([1])
  })

  it('asks for a page only when it is needed', async () => {
    const { page, asked } = linked({ start: 'a', a: 'b' })
    for await (const item of pages(page)) if (item === 'a') break
    expect(asked).toEqual(['start', 'a'])
  })

  it('starts at a given cursor and passes the limit on', async () => {
    const seen: ListOptions[] = []
    const page = async (options: ListOptions): Promise<Page<never>> => {
      seen.push(options)
      return { items: [] }
    }
    await gathered(pages(page, { cursor: 'here', limit: 7 }))
    expect(seen).toEqual([{ cursor: 'here', limit: 7 }])
  })

  it.each([
    ['a page that leads to itself', { start: 'a', a: 'a' }],
    ['two pages that lead to each other', { start: 'a', a: 'b', b: 'a' }],
    ['a circle behind a straight', { start: 'a', a: 'b', b: 'c', c: 'd', d: 'e', e: 'c' }],
  ])('ends on %s', async (_what, links) => {
    await expect(gathered(pages(linked(links).page))).rejects.toSatisfy(isCircle)
  })

  it('ends on every circle within a few rounds, and never on a straight', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer({ min: 0, max: 40 }), async (straight, circle) => {
        const last = straight + circle
        const { asked } = linked({})
        const page = async ({ cursor = '0' }: ListOptions): Promise<Page<string>> => {
          asked.push(cursor)
          const at = Number(cursor)
          const next = at < last ? at + 1 : circle > 0 ? straight + 1 : undefined
          return { items: [cursor], cursor: next?.toString() }
        }
        const outcome = await gathered(pages(page)).catch((error: unknown) => error)
        expect([isCircle(outcome), Array.isArray(outcome)]).toEqual([circle > 0, circle === 0])
        expect(asked.length).toBeLessThanOrEqual(4 * (straight + circle + 2))
      }),
    )
  })

  it('stops between two items once the signal is aborted', async () => {
    const controller = new AbortController()
    const items: number[] = []
    const all = pages(async () => ({ items: [1, 2, 3] }), { signal: controller.signal })
    const reading = (async () => {
      for await (const item of all) {
        items.push(item)
        if (item === 2) controller.abort()
      }
    })()
    await expect(reading).rejects.toSatisfy((error) => StorageError.is(error, 'Aborted'))
    expect(items).toEqual([1, 2])
  })
})
