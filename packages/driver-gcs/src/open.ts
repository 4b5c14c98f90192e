import { type BucketOpened, notFound, type ReadOptions, StorageError } from '@filegate/core'
import { bodyOf, discard, inflated, openInflated, ranged } from '@filegate/core/http-body'
import type { Answer } from './client.ts'
import type { Readable } from 'node:stream'
import { evaluatedHere, pushedConditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { isMissing } from './errors.ts'
import { foundResource, resourceOf } from './head.ts'
import { generationIn, getMedia, type Reading } from './media.ts'
import { objectPlace } from './place.ts'
import { isGzip, objectOf, type Resource } from './resource.ts'

/** Reads an object, or a part of it. @throws StorageError `NotFound` when there is none */
export async function openObject(connection: Connection, key: string, options: ReadOptions): Promise<BucketOpened> {
  const { reading, known } = await settled(connection, key, options)
  const opened = known ? { known, answer: await getMedia(connection, reading) } : await both(connection, key, reading)
  const { signal, range } = reading
  const object = objectOf(key, opened.known, connection.options)
  if (connection.options.decompress && isGzip(opened.known)) {
    discard(opened.answer.stream)
    const whole = { ...reading, range: undefined, version: opened.known.generation }
    return openInflated(range, async () => {
      const { stream } = await getMedia(connection, whole)
      return { object, body: bodyOf(inflated(stream), signal) }
    })
  }
  const body = bodyOf(asStored(opened), signal)
  return range ? ranged(object, range, rangeOf(opened.answer), body) : { object, body }
}

function rangeOf({ headers }: Answer) {
  const length = headers['content-length']
  return { contentRange: headers['content-range'], size: length === undefined ? undefined : Number(length) }
}

/** A read whose conditions the vendor evaluates, with what had to be asked before because it cannot. */
async function settled(
  connection: Connection,
  key: string,
  { conditions = {}, range, version, signal }: ReadOptions,
): Promise<{ readonly reading: Reading; readonly known?: Resource }> {
  const place = objectPlace(key)
  if (version !== undefined && !/^\d{1,19}$/.test(version)) throw notFound(key)
  const pushed = pushedConditions(conditions)
  const asksNothing = range !== undefined && 'suffix' in range && range.suffix === 0
  const reading = { place, range, version, signal }
  if (pushed && !asksNothing) return { reading: { ...reading, conditions: pushed } }
  const known = await foundResource(connection, key, { version, signal })
  const settledHere = evaluatedHere(connection, key, conditions, known)
  if (asksNothing) throw new StorageError('RangeNotSatisfiable', 'The range holds no bytes.')
  return { reading: { ...reading, conditions: settledHere }, known }
}

/** What was compressed on its way only, as proxies do, is inflated again; a range of that would mean nothing. */
function asStored({ known, answer: { headers, stream } }: Opened): Readable {
  const isPacked = headers['content-encoding'] === 'gzip' && headers['content-range'] === undefined
  return isPacked && !isGzip(known) ? inflated(stream) : stream
}

interface Opened {
  readonly known: Resource
  readonly answer: Answer
}

/** Bytes come without the metadata of their object, so both are asked for at the same time. */
async function both(connection: Connection, key: string, reading: Reading): Promise<Opened> {
  const asked = { version: reading.version, signal: reading.signal }
  const [told, got] = await Promise.allSettled([
    resourceOf(connection, reading.place, asked),
    getMedia(connection, reading),
  ])
  if (got.status === 'rejected') {
    const isGone = told.status === 'rejected' && isMissing(told.reason)
    throw isGone ? told.reason : got.reason
  }
  const answer = got.value
  try {
    if (told.status === 'rejected') throw told.reason
    return { answer, known: await ofSameBytes(connection, key, reading, { answer, known: told.value }) }
  } catch (error) {
    discard(answer.stream)
    throw error
  }
}

/** What is known of the bytes that came, should the object have been replaced between the two answers. */
async function ofSameBytes(
  connection: Connection,
  key: string,
  reading: Reading,
  { answer, known }: Opened,
): Promise<Resource> {
  const generation = generationIn(answer)
  if (generation === undefined || generation === known.generation) return known
  try {
    return await resourceOf(connection, reading.place, { version: generation, signal: reading.signal })
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new StorageError('Unavailable', `/${key} is being changed. Read it again.`, { cause })
  }
}
