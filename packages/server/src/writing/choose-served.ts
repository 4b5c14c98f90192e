import { StorageError } from '@filegate/core'
import { problem } from '../http/problem.ts'
import { emptyQuery, type Query } from '../http/query.ts'
import type { Incoming } from '../http/read-request.ts'
import type { Surface } from '../views/view.ts'
import { append } from './append.ts'
import { davCopy, davMove } from './dav-transfer.ts'
import { makeCollection } from './make-collection.ts'
import { makeDirectory } from './make-directory.ts'
import { patchBytes } from './patch-bytes.ts'
import { patchJson } from './patch-json.ts'
import { putFile } from './put-file.ts'
import { removeEntry } from './remove-entry.ts'
import { restore } from '../trash/restore.ts'
import { setMode } from './set-mode.ts'
import { setOwner } from './set-owner.ts'
import { touch } from './touch.ts'
import { copyTo, moveTo } from './transfer.ts'
import type { Operation } from './writing.ts'

interface Choice {
  /** The query parameter that asks for it. */
  readonly parameter: string
  readonly isFlag?: boolean
  /** Absent for what nobody offers. */
  readonly operation?: Operation
}

interface Choices {
  readonly asked: readonly Choice[]
  /** Without one of them. */
  readonly otherwise?: (header: Incoming['header']) => Operation
}

const touching: Choice = { parameter: 'touch', isFlag: true, operation: touch }

/** Bytes, where the request says which; otherwise what its body says. */
const patched = (header: Incoming['header']): Operation =>
  header('x-update-range') === undefined ? patchJson : patchBytes

const api: Readonly<Record<string, Choices>> = {
  PUT: { asked: [{ parameter: 'append', isFlag: true, operation: append }, touching], otherwise: () => putFile },
  POST: {
    asked: [
      { parameter: 'mkdir', isFlag: true, operation: makeDirectory },
      { parameter: 'move_to', operation: moveTo },
      { parameter: 'copy_to', operation: copyTo },
      { parameter: 'restore', operation: restore },
      { parameter: 'extract' },
      { parameter: 'download_from' },
    ],
  },
  PATCH: {
    asked: [
      { parameter: 'chmod', operation: setMode },
      { parameter: 'chown', operation: setOwner },
    ],
    otherwise: patched,
  },
  DELETE: { asked: [], otherwise: () => removeEntry },
}

const basic: Readonly<Record<string, Choices>> = {
  PUT: { asked: [touching], otherwise: () => putFile },
  PATCH: {
    asked: [],
    otherwise(header) {
      const isJson = /^application\/json\b/i.test(header('content-type')?.trim() ?? '')
      if (header('x-update-range') !== undefined || isJson) return patched(header)
      const message = 'PATCH takes a header X-Update-Range: append or bytes=first-last.'
      throw problem('InvalidArgument', { status: 405, code: 'METHOD_NOT_ALLOWED' }, message)
    },
  },
  DELETE: api['DELETE'] ?? { asked: [] },
  MKCOL: { asked: [], otherwise: () => makeCollection },
  COPY: { asked: [], otherwise: () => davCopy },
  MOVE: { asked: [], otherwise: () => davMove },
}

const surfaces: Readonly<Record<Surface, Readonly<Record<string, Choices>>>> = { basic, v1: api }

/** Parameters that go with an operation on one of the methods, and with none of the others. */
const everyParameter = Object.values(api).flatMap(({ asked }) => asked.map(({ parameter }) => parameter))

/** With these methods a file is made, which may be given permissions along the way. */
const alongside: Readonly<Record<string, readonly string[]>> = { PUT: ['chmod'] }

/**
 * What a request wants to change in the served folder.
 * @throws StorageError `InvalidArgument` unless exactly one thing is asked for; `Unsupported` for what nobody offers
 */
export function chooseServed(surface: Surface, method: string, query: Query, header: Incoming['header']): Operation {
  const { asked, otherwise }: Choices = surfaces[surface][method] ?? { asked: [] }
  if (query === emptyQuery && otherwise) return otherwise(header)
  const names = asked.map(({ parameter }) => parameter)
  const fits = [...names, ...(alongside[method] ?? [])]
  const stray = everyParameter.find((parameter) => query.has(parameter) && !fits.includes(parameter))
  if (stray) throw new StorageError('InvalidArgument', `Parameter '${stray}' does not go with ${method}.`)
  const [chosen, ...more] = asked.filter(({ parameter, isFlag }) =>
    isFlag ? query.flag(parameter) : query.has(parameter),
  )
  if (more.length === 0) {
    if (chosen) return chosen.operation ?? notOffered(chosen.parameter)
    if (otherwise) return otherwise(header)
  }
  const list = names.map((name) => `'${name}'`).join(', ')
  throw new StorageError('InvalidArgument', `${method} takes exactly one of the parameters ${list}.`)
}

function notOffered(parameter: string): never {
  throw new StorageError('Unsupported', `Parameter '${parameter}' is not offered by this server.`)
}

/** First segments of the API that name an operation, each with the one method for which it does. */
const segments: Readonly<
  Record<string, { readonly method: string; readonly operation: Operation; readonly parameter?: string }>
> = {
  append: { method: 'PUT', operation: append },
  copy: { method: 'POST', operation: copyTo, parameter: 'copy_to' },
  move: { method: 'POST', operation: moveTo, parameter: 'move_to' },
  chmod: { method: 'PATCH', operation: setMode, parameter: 'chmod' },
  chown: { method: 'PATCH', operation: setOwner, parameter: 'chown' },
}

/**
 * The operation that the first segment of a path names, and the path behind it.
 * @throws StorageError `InvalidArgument` when its parameter is missing
 */
export function operationInPath(
  method: string,
  path: string,
  query: Query,
): { readonly operation: Operation; readonly path: string } | undefined {
  const [, first = '', rest] = /^\/([a-z]+)(\/.*)$/s.exec(path) ?? []
  const named = Object.hasOwn(segments, first) ? segments[first] : undefined
  if (rest === undefined || named?.method !== method) return undefined
  if (named.parameter !== undefined && !query.has(named.parameter)) {
    throw new StorageError('InvalidArgument', `Parameter '${named.parameter}' is missing.`)
  }
  return { operation: named.operation, path: rest }
}
