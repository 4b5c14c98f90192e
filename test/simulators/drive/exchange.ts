import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Item } from '../cloud-tree/item.ts'
import type { Answer as GoogleAnswer } from '../gcs/exchange.ts'
import type { Caller } from './access.ts'
import { type Finding, findItem } from './access.ts'
import { fileNotFound } from './drive-error.ts'
import { fileResource } from './file-resource.ts'
import type { ResourceName } from './resource-fields.ts'
import type { Simulation } from './simulation.ts'

/** One request on its way to an answer. */
export interface Exchange {
  readonly simulation: Simulation
  readonly caller: Caller
  /** Where the client found the service: `https://www.googleapis.com`, or the host of the simulator itself. */
  readonly origin: string
  /** As it was asked for. */
  readonly path: string
  readonly query: URLSearchParams
  /** What the placeholders of the route stand for, decoded. */
  readonly places: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly incoming: IncomingMessage
}

export interface Answer extends GoogleAnswer {
  /** What `json` is, so that `fields` can be held against it. */
  readonly resource?: ResourceName
}

export const show = (resource: ResourceName, json: unknown, status = 200): Answer => ({ status, json, resource })

export const nothing: Answer = { status: 204 }

export function place({ places }: Exchange, name: string): string {
  const value = places[name]
  if (value === undefined) throw fileNotFound('')
  return value
}

export const isTrue = (query: URLSearchParams, name: string): boolean => query.get(name)?.toLowerCase() === 'true'

/** `supportsAllDrives`, and what it was called before. */
export const supportsAllDrives = (query: URLSearchParams): boolean =>
  isTrue(query, 'supportsAllDrives') || isTrue(query, 'supportsTeamDrives')

/** The item that the path of the request names. */
export function fileOf(exchange: Exchange, finding: Partial<Finding> = {}): Item {
  const { simulation, caller, query } = exchange
  const id = place(exchange, 'fileId')
  return findItem(simulation, caller, id, { supportsAllDrives: supportsAllDrives(query), ...finding })
}

export const idsParameter = (query: URLSearchParams, name: string): readonly string[] =>
  (query.get(name) ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean)

export function showFile({ simulation, caller, query }: Exchange, item: Item): Answer {
  return show('file', fileResource(simulation, caller, item, idsParameter(query, 'includeLabels')))
}
