import { foldedName } from './names.ts'
import { numberParameter, type ServiceRequest } from './request.ts'
import { invalidQuery, ServiceError } from './service-error.ts'
import { element, type Xml } from './xml.ts'

const largestPage = 5000
const markerPrefix = '2!'

export interface Page<Entry> {
  readonly entries: readonly Entry[]
  /** What the answer repeats of the request. */
  readonly echo: readonly Xml[]
  /** The element NextMarker; empty on the last page. */
  readonly next: Xml
}

/** One page of entries, ordered by name whatever its case, as prefix, marker and maxresults have it. */
export function pageOf<Entry>(
  entries: readonly Entry[],
  nameOf: (entry: Entry) => string,
  request: ServiceRequest,
): Page<Entry> {
  const asked = numberParameter(request, 'maxresults')
  if (asked !== undefined && asked < 1)
    throw new ServiceError('OutOfRangeQueryParameterValue', {
      QueryParameterName: 'maxresults',
      QueryParameterValue: String(asked),
    })
  const size = Math.min(asked ?? largestPage, largestPage)
  const marker = request.parameter('marker')
  const from = marker ? readMarker(marker) : ''
  const key = (entry: Entry) => foldedName(nameOf(entry))
  const sorted = entries.filter((entry) => key(entry) >= from).sort((a, b) => (key(a) < key(b) ? -1 : 1))
  const following = sorted[size]
  const echo = [
    ['Prefix', request.parameter('prefix')],
    ['Marker', marker],
    ['MaxResults', asked],
  ] as const
  return {
    entries: sorted.slice(0, size),
    echo: echo.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [element(name, value)])),
    next: element('NextMarker', following === undefined ? '' : markerPrefix + encode(key(following))),
  }
}

const encode = (text: string): string => Buffer.from(text).toString('base64')

/** Markers are opaque: only what the service gave out is taken. */
function readMarker(marker: string): string {
  const text = Buffer.from(marker.slice(markerPrefix.length), 'base64').toString()
  if (markerPrefix + encode(text) !== marker) throw invalidQuery('marker', marker)
  return text
}
