/*
 * Some vendors allow names that no path can hold: with a `/` in them, or `..`, or none at all. Between the names layer
 * and such a driver they travel in a form that is one path segment. All other names are their own segment. The
 * stand-ins are Unicode noncharacters, which are reserved for use inside a program.
 */
const stand = { slash: '\uFDD0', period: '\uFDD1', nothing: '\uFDD2', nul: '\uFDD3', quote: '\uFDD4' } as const

const needsStandIn = /[\0/\uFDD0-\uFDD4]|^\.{0,2}$/
const isStandIn = /[\uFDD0-\uFDD4]/

const standIns: ReadonlyMap<string, string> = new Map([
  ['/', stand.slash],
  ['\0', stand.nul],
  ...Object.values(stand).map((literal) => [literal, stand.quote + literal] as const),
])

const originals: ReadonlyMap<string, string> = new Map([
  [stand.slash, '/'],
  [stand.nul, '\0'],
  [stand.period, '.'],
  [stand.nothing, ''],
])

/** The segment of the empty name, which some stores have between two slashes of a key. Users see it as it is. */
export const emptySegment = stand.nothing

/** A vendor's name as a segment of a StoragePath. Drivers whose vendor allows a `/` or `..` in a name use it on what they list. */
export function segmentOfName(name: string): string {
  if (!needsStandIn.test(name)) return name
  if (name === '') return stand.nothing
  if (name === '.' || name === '..') return stand.period.repeat(name.length)
  return Array.from(name, (character) => standIns.get(character) ?? character).join('')
}

/** The vendor's name behind a segment that `segmentOfName` made. */
export function nameOfSegment(segment: string): string {
  if (!isStandIn.test(segment)) return segment
  return segment.replace(/\uFDD4?[\uFDD0-\uFDD4]/g, (found) =>
    found.length === 2 ? found.charAt(1) : (originals.get(found) ?? found),
  )
}
