import * as sdk from '@aws-sdk/client-s3'
import {
  type Arbitrary,
  array,
  assert,
  boolean,
  constantFrom,
  date,
  maxSafeNat,
  option,
  property,
  record,
  string,
} from 'fast-check'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { parseListing } from './listing-text.ts'
import { readListings } from './read-listings.ts'

const whole = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix/><Marker></Marker>
  <MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter><IsTruncated>true</IsTruncated><NextMarker>b &amp; c</NextMarker>
  <Contents><Key>a &lt;1&gt;.txt</Key><LastModified>2026-11-21T10:11:12.345Z</LastModified><ETag>&quot;abc&quot;</ETag>
    <Size>12</Size><Owner><ID>1</ID><DisplayName>x</DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents>
  <Contents><Key>&#233;&#x20AC;</Key><Size>0</Size></Contents>
  <CommonPrefixes><Prefix>folder/</Prefix></CommonPrefixes></ListBucketResult>
`

/** Listings by the library, with or without our reading of them, where the service answers so. */
function library(text: string, reads: boolean) {
  const s3 = new sdk.S3({
    region: 'us-east-1',
    endpoint: 'http://s3.test',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      handle: async () => ({ response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(text)]) } }),
    },
  })
  if (reads) readListings(s3)
  return s3.listObjects({ Bucket: 'bucket' }).then(
    ({ Name, EncodingType, IsTruncated, NextMarker, Contents = [], CommonPrefixes = [] }) => ({
      Name,
      EncodingType,
      IsTruncated,
      NextMarker,
      Contents: Contents.map(({ Key, Size, ETag, LastModified }) => ({ Key, Size, ETag, LastModified })),
      CommonPrefixes: CommonPrefixes.map(({ Prefix }) => ({ Prefix })),
    }),
    (error: unknown) => (error instanceof Error ? error.message.split('\n', 1)[0] : error),
  )
}

const compared = async (text: string): Promise<void> =>
  expect(await library(text, true)).toEqual(await library(text, false))

describe('a listing', () => {
  it('is read as the library reads it', async () => {
    expect(parseListing(whole)).toEqual({
      Name: 'bucket',
      IsTruncated: true,
      NextMarker: 'b & c',
      Contents: [
        { Key: 'a <1>.txt', Size: 12, ETag: '"abc"', LastModified: new Date('2026-11-21T10:11:12.345Z') },
        { Key: 'é€', Size: 0 },
      ],
      CommonPrefixes: [{ Prefix: 'folder/' }],
    })
    await compared(whole)
  })

  const escaped = (text: string): string => text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`)
  const element = (name: string, text: string | null): string =>
    text === null ? '' : `<${name}>${escaped(text)}</${name}>`
  const names = string({ unit: 'binary', minLength: 1 })
  // oxlint-disable-next-line no-control-regex
  const plain = names.filter((text) => !/[\0-\x08\x0b-\x1f\ufffd-\uffff]/.test(text) && text.isWellFormed())
  const times = date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') })
  const listings = (keys: typeof names) =>
    record({
      objects: array(record({ key: keys, size: maxSafeNat(), time: times, owned: boolean() })),
      prefixes: array(keys),
      truncated: boolean(),
      next: option(keys),
      gap: constantFrom('', '\n', ' '),
    })
  type Listing = typeof listings extends (...args: never[]) => Arbitrary<infer Value> ? Value : never
  const written = ({ objects, prefixes, truncated, next, gap }: Listing): string => {
    const contents = objects.map(({ key, size, time, owned }) => {
      const facts = `${element('Key', key)}${gap}${element('LastModified', time.toISOString())}${element('Size', String(size % 1e14))}`
      return `<Contents>${facts}${owned ? '<Owner><ID>1</ID></Owner>' : ''}</Contents>`
    })
    const common = prefixes.map((prefix) => `<CommonPrefixes>${element('Prefix', prefix)}</CommonPrefixes>`)
    const words = `${element('IsTruncated', String(truncated))}${element('NextMarker', next)}`
    return `<ListBucketResult>${[words, ...contents, ...common].join(gap)}${gap}</ListBucketResult>`
  }
  const meant = ({ objects, prefixes, truncated, next }: Listing) => ({
    IsTruncated: truncated,
    ...(next !== null && { NextMarker: next }),
    ...(objects.length > 0 && {
      Contents: objects.map(({ key, size, time }) => ({ Key: key, Size: size % 1e14, LastModified: time })),
    }),
    ...(prefixes.length > 0 && { CommonPrefixes: prefixes.map((prefix) => ({ Prefix: prefix })) }),
  })

  it('is read as it was meant, whatever the names are', () => {
    assert(
      property(listings(plain), (listing) => {
        expect(parseListing(written(listing))).toEqual(meant(listing))
      }),
    )
  })

  it('that XML could not hold is read as it was meant or not at all', () => {
    assert(
      property(listings(names), (listing) => {
        const read = parseListing(Buffer.from(written(listing)).toString('utf8'))
        expect(read ?? meant(listing)).toEqual(meant(listing))
      }),
    )
  })

  it('that breaks off anywhere is none', async () => {
    for (let end = 0; end < whole.trimEnd().length; end++) expect(parseListing(whole.slice(0, end))).toBeUndefined()
    await compared(whole.slice(0, 300))
  })

  it.each([
    ['an error', '<Error><Code>NoSuchBucket</Code></Error>'],
    ['another document', '<html><body>hello</body></html>'],
    ['nothing', ''],
    ['a comment', '<ListBucketResult><!-- <Name>x</Name> --><Name>b</Name></ListBucketResult>'],
    ['a section', '<ListBucketResult><Name><![CDATA[a<b]]></Name></ListBucketResult>'],
    ['a character that XML cannot hold', '<ListBucketResult><Name>\u0001</Name></ListBucketResult>'],
    ['a reference to one', '<ListBucketResult><Name>&#1;</Name></ListBucketResult>'],
    ['a reference to nothing known', '<ListBucketResult><Name>&uuml;&x</Name></ListBucketResult>'],
    ['elements that end each other', '<ListBucketResult><Name>a</Nam></ListBucketResult>'],
    ['an element in a word', '<ListBucketResult><Name>a<b/></Name></ListBucketResult>'],
    ['a number that is none', '<ListBucketResult><Contents><Size>1e3</Size></Contents></ListBucketResult>'],
    [
      'a time that is none',
      '<ListBucketResult><Contents><LastModified>now</LastModified></Contents></ListBucketResult>',
    ],
    ['something behind it', '<ListBucketResult></ListBucketResult>more'],
    ['text among elements', '<ListBucketResult>text<Name>a</Name></ListBucketResult>'],
  ])('with more to it is left to the library: %s', async (_what, text) => {
    expect(parseListing(text)).toBeUndefined()
    await compared(text)
  })
})
