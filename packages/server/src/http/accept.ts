interface MediaRange {
  readonly type: string
  readonly subtype: string
  readonly weight: number
}

const weightPattern = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/
/** More members than any client sends; the rest of a longer header is not looked at. */
const mostRanges = 50

function parseMember(member: string): MediaRange | undefined {
  const [range = '', ...parameters] = member.split(';').map((part) => part.trim().toLowerCase())
  const found = /^([^\s/]+)\/([^\s/]+)$/.exec(range)
  if (!found?.[1] || !found[2]) return undefined
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  if (quality !== undefined && !weightPattern.test(quality)) return undefined
  return { type: found[1], subtype: found[2], weight: quality === undefined ? 1 : Number(quality) }
}

/** How exactly a range names a media type: 2 exactly, 1 by its main type, 0 with everything else, -1 not at all. */
function specificity(range: MediaRange, offer: string): number {
  const [type, subtype] = offer.split('/')
  if (range.type === '*' && range.subtype === '*') return 0
  if (range.type !== type) return -1
  if (range.subtype === subtype) return 2
  return range.subtype === '*' ? 1 : -1
}

/** The range that decides about an offer: the one that names it most exactly (RFC 9110, section 12.5.1). */
function decisiveRange(ranges: readonly MediaRange[], offer: string): { weight: number; exactness: number } {
  let weight = 0
  let exactness = -1
  for (const range of ranges) {
    const exact = specificity(range, offer)
    if (exact > exactness) [weight, exactness] = [range.weight, exact]
  }
  return { weight, exactness }
}

/**
 * The offer that a client's `Accept` header likes best; undefined when it refuses them all, and the first one without a
 * header. Between equal weights the one named more exactly wins, so that `application/json, *\/*` means JSON; after that
 * the order of the offers counts.
 */
export function preferredType<T extends string>(header: string | undefined, offers: readonly T[]): T | undefined {
  if (header === undefined || header.trim() === '') return offers[0]
  const ranges = header
    .split(',', mostRanges)
    .map(parseMember)
    .filter((range) => range !== undefined)
  // A header without one readable member says nothing.
  if (ranges.length === 0) return offers[0]
  let best: { offer: T; weight: number; exactness: number } | undefined
  for (const offer of offers) {
    const { weight, exactness } = decisiveRange(ranges, offer)
    if (weight === 0) continue
    const better = !best || weight > best.weight || (weight === best.weight && exactness > best.exactness)
    if (better) best = { offer, weight, exactness }
  }
  return best?.offer
}
