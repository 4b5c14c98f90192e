import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createCloudTree, type CloudTree } from '../cloud-tree/cloud-tree.ts'
import type { Item } from '../cloud-tree/item.ts'
import { addressOf } from '../fault-proxy.ts'
import { type GoogleTokens, startGoogleTokens } from '../google-token/start-google-tokens.ts'
import type { VendorRoutes } from '../vendor-routes.ts'
import { type AddedItem, addItem, addSharedDrive, type NewSharedDrive, share, type Sharing } from './arranging.ts'
import { type Failure, failureError } from './failures.ts'
import type { LabelDefinition } from './labels.ts'
import { answerCall, type Arrival, readTarget, refusal, send } from './serving.ts'
import { newId, notesOf, type Notes, type SharedDrive, type Simulation, type User, userOf } from './simulation.ts'
import { patient } from '../patient.ts'

export interface DriveOptions {
  /** Whose tokens are good here. Default: a token simulator of its own, closed with this one. */
  readonly tokens?: GoogleTokens | undefined
  /** Who the default user is; default `me@example.com`. */
  readonly user?: string | undefined
  /** Bytes that each user's My Drive holds. Default 15 GiB; `null`: without bound. */
  readonly quota?: number | null | undefined
  /** The most entries that one page of a listing has. Default 1000, as the service has it. */
  readonly pageLimit?: number | undefined
}

export interface RecordedRequest {
  /** `files.list` and the like; `undefined` for what is no method of the API. */
  readonly call: string | undefined
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Milliseconds since 1970, by the machine's clock. */
  readonly time: number
  /** 0 until it is answered. */
  readonly status: number
}

export interface SimulatedDrive {
  /** `http://127.0.0.1:port`, for `https://www.googleapis.com`. */
  readonly endpoint: string
  /** Vendor hosts, the ones of the token endpoint included. */
  readonly routes: VendorRoutes
  readonly tokens: GoogleTokens
  /** Everybody's files. What is put here directly is the default user's, and not the application's. */
  readonly tree: CloudTree
  /** The default user: `root` is the id of My Drive, `appRoot` of the application's folder. */
  readonly user: User
  /** Somebody else, known from now on. */
  userOf(email: string): User
  /** Everything that came since `forget`. */
  readonly requests: readonly RecordedRequest[]
  /** How often a method was called since `forget`; `files` counts all that begin so. */
  count(call: string): number
  forget(): void
  /** What goes wrong with the next requests, one each. */
  fail(...failures: readonly Failure[]): void
  /** An access token; short names of scopes: `drive.readonly`. Default: `drive` of the default user. */
  issueToken(scopes?: readonly string[], email?: string): string
  /** Puts something there, past all rights and limits. */
  add(item: AddedItem): Item
  addDrive(drive: NewSharedDrive): SharedDrive
  addLabel(label: LabelDefinition): void
  share(id: string, sharing: Sharing): void
  /** What the service knows of an item besides the tree; may be changed. */
  notes(id: string): Notes
  close(): Promise<void>
}

/** A simulator of Google Drive, in memory, on a port of loopback. */
export async function startDrive(options: DriveOptions = {}): Promise<SimulatedDrive> {
  const tokens = options.tokens ?? (await startGoogleTokens())
  const email = options.user ?? 'me@example.com'
  const simulation = createSimulation(email, options)
  const user = userOf(simulation, email)
  const requests: RecordedRequest[] = []
  const failures: Failure[] = []

  const server = createServer(patient, (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    const arrival = readTarget(incoming)
    const { query } = arrival
    const call = arrival.found?.call.name
    const request = { call, method, url, query, headers, time: Date.now(), status: 0 }
    requests.push(request)
    const begin = (status: number): void => void (request.status = status)
    serve(incoming, outgoing, arrival, begin).catch(() => outgoing.destroy())
  })

  async function serve(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    arrival: Arrival,
    begin: (status: number) => void,
  ): Promise<void> {
    const call = arrival.found?.call.name ?? ''
    const at = failures.findIndex((failure) => failure.call === undefined || call.startsWith(failure.call))
    const [failure] = at < 0 ? [] : failures.splice(at, 1)
    const answer = failure?.reason
      ? refusal(failureError(failure))
      : await answerCall(incoming, arrival, simulation, tokens.findAccount)
    // A client that still sends what nobody reads would wait forever.
    incoming.resume()
    // Before a client can have the answer.
    begin(answer.status)
    if (failure?.cutAfter === 0) outgoing.destroy()
    else await send(outgoing, answer, failure?.cutAfter)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${addressOf(server).port}`
  const hosts = ['www.googleapis.com', 'docs.google.com', 'drive.google.com']
  return {
    endpoint,
    routes: {
      ...Object.fromEntries(hosts.map((host) => [host, endpoint])),
      'oauth2.googleapis.com': tokens.endpoint,
      'accounts.google.com': tokens.endpoint,
    },
    tokens,
    tree: simulation.tree,
    user,
    userOf: (other) => userOf(simulation, other),
    requests,
    count: (call) => requests.filter((request) => request.call?.startsWith(call)).length,
    forget: () => void requests.splice(0),
    fail: (...more) => void failures.push(...more),
    issueToken: (scopes = ['drive'], holder = email) =>
      tokens.issue(
        holder,
        scopes.map((scope) => `https://www.googleapis.com/auth/${scope}`),
      ),
    add: (item) => addItem(simulation, item),
    addDrive: (drive) => addSharedDrive(simulation, drive),
    addLabel: (label) => void simulation.labels.set(label.id, label),
    share: (id, sharing) => share(simulation, id, sharing),
    notes: (id) => notesOf(simulation, simulation.tree.need(id).id),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (!options.tokens) await tokens.close()
    },
  }
}

function createSimulation(email: string, { quota, pageLimit = 1000 }: DriveOptions): Simulation {
  const simulation: Simulation = {
    // The first root is nobody's; each user gets two of their own.
    tree: createCloudTree({ duplicates: true, root: { id: 'nowhere' }, makeId: (kind) => newId[kind]() }),
    notes: new Map(),
    users: new Map(),
    drives: new Map(),
    uploads: new Map(),
    pages: new Map(),
    labels: new Map(),
    generatedIds: new Set(),
    pageLimit,
    defaultUser: email,
    quota: quota === null ? undefined : (quota ?? 15 * 1024 ** 3),
  }
  return simulation
}
