/** What an answer to a listing says, in the words of the library. */
export interface ListingAnswer {
  Name?: string
  EncodingType?: string
  IsTruncated?: boolean
  NextMarker?: string
  NextContinuationToken?: string
  Contents?: ListedText[]
  CommonPrefixes?: { Prefix?: string }[]
}

interface ListedText {
  Key?: string
  Size?: number
  ETag?: string
  LastModified?: Date
}

/** Something that takes a whole parser: no listing, none that is plain, or not all of one. */
class Unplain extends Error {}

/** What XML cannot hold or would change, what was no valid UTF-8, and markup besides elements. */
// oxlint-disable-next-line no-control-regex
const special = /[\0-\x08\x0b-\x1f\ufffd-\uffff]|<!|<\?(?!xml )/
const beginning = /^\s*(?:<\?xml [^<>]*\?>\s*)?<ListBucketResult(?:\s[^<>]*[^<>/])?>/

/**
 * The answer to ListObjects of either version, in one pass over the text: making a tree of it first takes longer than the vendor
 * takes to answer. Undefined where the text is not as plain as such answers are.
 */
export function parseListing(text: string): ListingAnswer | undefined {
  const begin = beginning.exec(text)?.[0].length
  if (begin === undefined || special.test(text)) return undefined
  try {
    return listingAt(text, begin)
  } catch (error) {
    if (error instanceof Unplain) return undefined
    throw error
  }
}

function listingAt(text: string, begin: number): ListingAnswer {
  const answer: ListingAnswer = {}
  const end = eachChild(text, begin, 'ListBucketResult', (name, at) => {
    switch (name) {
      case 'Contents':
        return listedAt(text, at, (answer.Contents ??= []))
      case 'CommonPrefixes':
        return prefixAt(text, at, (answer.CommonPrefixes ??= []))
      case 'IsTruncated':
        return wordAt(text, at, name, (word) => (answer.IsTruncated = booleanOf(word)))
      case 'Name':
      case 'EncodingType':
      case 'NextMarker':
      case 'NextContinuationToken':
        return wordAt(text, at, name, (word) => (answer[name] = word))
      default:
        return behind(text, at, name)
    }
  })
  if (text.slice(end).trim() !== '') throw new Unplain()
  return answer
}

function listedAt(text: string, begin: number, listed: ListedText[]): number {
  const item: ListedText = {}
  listed.push(item)
  return eachChild(text, begin, 'Contents', (name, at) => {
    switch (name) {
      case 'Key':
      case 'ETag':
        return wordAt(text, at, name, (word) => (item[name] = word))
      case 'Size':
        return wordAt(text, at, name, (word) => (item.Size = sizeOf(word)))
      case 'LastModified':
        return wordAt(text, at, name, (word) => (item.LastModified = timeOf(word)))
      default:
        return behind(text, at, name)
    }
  })
}

function prefixAt(text: string, begin: number, prefixes: { Prefix?: string }[]): number {
  const item: { Prefix?: string } = {}
  prefixes.push(item)
  return eachChild(text, begin, 'CommonPrefixes', (name, at) =>
    name === 'Prefix' ? wordAt(text, at, name, (word) => (item.Prefix = word)) : behind(text, at, name),
  )
}

const slash = 47

/**
 * Goes through the elements in one that begins in front of `at`. @param read gives the place behind the element of that name whose
 * content begins at that place
 * @returns the place behind the end of the element
 */
function eachChild(text: string, begin: number, parent: string, read: (name: string, at: number) => number): number {
  let at = begin
  for (;;) {
    const open = text.indexOf('<', at)
    const close = text.indexOf('>', open)
    if (open === -1 || close === -1) throw new Unplain()
    if (open > at && text.slice(at, open).trim() !== '') throw new Unplain()
    const name = text.slice(open + 1, close)
    at = close + 1
    if (name.charCodeAt(0) === slash) {
      if (name.length !== parent.length + 1 || !name.endsWith(parent)) throw new Unplain()
      return at
    }
    if (name.charCodeAt(name.length - 1) !== slash) at = read(name, at)
  }
}

/** Gives `take` the text up to the end of the element, and returns the place behind that. */
function wordAt(text: string, at: number, name: string, take: (word: string) => void): number {
  const end = text.indexOf('<', at)
  const next = end + name.length + 3
  if (end === -1 || text.slice(end, next) !== `</${name}>`) throw new Unplain()
  const word = text.slice(at, end)
  take(word.includes('&') ? word.replace(reference, character) : word)
  return next
}

/** The place behind an element that is of no interest. None of those holds one of its own name. */
function behind(text: string, at: number, tag: string): number {
  const [name = ''] = tag.split(/\s/, 1)
  const end = text.indexOf(`</${name}>`, at)
  if (end === -1) throw new Unplain()
  return end + name.length + 3
}

const reference = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}))?;?/gi
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function character(whole: string, name?: string, decimal?: string, hexadecimal?: string): string {
  if (!whole.endsWith(';')) throw new Unplain()
  if (name !== undefined) return named[name] ?? unplain()
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
  // Of the others the library makes what it makes.
  return code >= 0x20 && code < 0xd800 ? String.fromCharCode(code) : unplain()
}

function unplain(): never {
  throw new Unplain()
}

const booleanOf = (word: string): boolean => (word === 'true' ? true : word === 'false' ? false : unplain())

const sizeOf = (word: string): number => (/^\d{1,15}$/.test(word) ? Number(word) : unplain())

const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/

function timeOf(word: string): Date {
  const time = timeForm.test(word) ? new Date(word) : unplain()
  return Number.isNaN(time.getTime()) ? unplain() : time
}
