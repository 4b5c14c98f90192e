import { array, assert, asyncProperty, integer, option, record, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readListing } from './listing-text.ts'

const escaped = (text: string): string =>
  text.replace(/[&<>"'\r]/g, (character) => `&#x${character.charCodeAt(0).toString(16)};`)
const blob = (name: string, size: number, mtime = ''): string =>
  `<Blob><Name>${escaped(name)}</Name><Properties><Last-Modified>Sat, 21 Nov 2026 23:10:17 GMT</Last-Modified>` +
  `<Etag>0x1</Etag><Content-Length>${size}</Content-Length><Content-Type>text/plain</Content-Type><Content-Encoding />` +
  `<Content-MD5>JWG4HSDpPROrtFQ2t/ZGjg==</Content-MD5></Properties><Metadata>${
    mtime === '' ? '' : `<mtime>${escaped(mtime)}</mtime><Name>other</Name>`
  }</Metadata><OrMetadata /></Blob>`
const answer = (items: string, marker = ''): string =>
  `\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://a/" ContainerName="c"><Prefix>p</Prefix>` +
  `<Delimiter>/</Delimiter><Blobs>${items}</Blobs><NextMarker>${escaped(marker)}</NextMarker></EnumerationResults>`

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

const entry = record({
  name: string({ unit: 'binary', minLength: 1 }).filter((name) => name.isWellFormed()),
  size: integer({ min: 0 }),
  mtime: option(string({ minLength: 1 })),
})

describe('the text of a listing', () => {
  it('is read as it was meant, wherever it is cut', async () => {
    await assert(
      asyncProperty(
        array(entry, { maxLength: 5 }),
        integer({ min: 1, max: 40 }),
        string(),
        async (entries, size, marker) => {
          const items = entries.map(({ name, size: length, mtime }) => blob(name, length, mtime ?? '')).join('')
          const listing = await readListing(cut(answer(items, marker), size))
          expect(
            listing.blobs.map(({ name, answer: facts }) => [name, facts.contentLength, facts.metadata?.mtime]),
          ).toEqual(entries.map(({ name, size: length, mtime }) => [name, length, mtime ?? undefined]))
          expect(listing.marker ?? '').toBe(marker)
        },
      ),
    )
  })

  it('tells prefixes, facts, and names that XML cannot hold', async () => {
    const prefix = '<BlobPrefix><Name>a &amp; b/</Name></BlobPrefix>'
    const strange = blob('x', 1).replace('<Name>x', '<Name Encoded="true">bell%07.txt')
    const { blobs, prefixes, marker } = await readListing(cut(answer(prefix + strange), 1000))
    expect([prefixes, marker]).toEqual([['a & b/'], undefined])
    expect(blobs).toMatchObject([
      {
        name: 'bell\u0007.txt',
        answer: { etag: '0x1', contentType: 'text/plain', lastModified: new Date('2026-11-21T23:10:17Z') },
      },
    ])
  })

  it('is none when it ends early or says something else', async () => {
    const whole = answer(blob('a', 1) + blob('b', 2))
    for (let length = 0; length < whole.length; length += 7) {
      await expect(readListing(cut(whole.slice(0, length), 50))).rejects.toMatchObject({ code: 'Unavailable' })
    }
    for (const text of ['<html></html>', '{}', '</Blob>', 'x']) {
      await expect(readListing(cut(text, 50))).rejects.toMatchObject({ code: 'Unavailable' })
    }
  })
})
