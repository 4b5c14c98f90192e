import type { StoragePath } from '@filegate/core'
import type { ReadRequest, Surface } from '../views/view.ts'
import { emptyQuery, Query } from './query.ts'

const decisive = ['range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const

/** What the HTTP layer knows of a request before anything was parsed. */
export interface Incoming {
  readonly request: Request
  /** The request target as the client sent it, where that is known: URL parsing resolves `..`, which must be refused. */
  readonly target: string
  readonly header: (name: string) => string | undefined
  readonly hasBody: boolean
  /** The body, from the socket where that is known. Asked for once. */
  readonly body: () => ReadableStream<Uint8Array> | null
  /** All of the body, if it has this many bytes and they are here already: then `body` is left alone. */
  readonly arrived?: ((size: number) => Promise<Uint8Array> | undefined) | undefined
}

export function readRequest(incoming: Incoming, surface: Surface, path: StoragePath, search: string): ReadRequest {
  return new ParsedRequest(incoming, surface, path, search)
}

/** A class for its getters: most requests need neither a parsed query nor a signal, and both cost more than the rest. */
class ParsedRequest implements ReadRequest {
  readonly #incoming: Incoming
  readonly surface: Surface
  readonly method: 'GET' | 'HEAD'
  readonly path: StoragePath
  readonly query: Query

  constructor(incoming: Incoming, surface: Surface, path: StoragePath, search: string) {
    this.#incoming = incoming
    this.surface = surface
    this.method = incoming.request.method === 'HEAD' ? 'HEAD' : 'GET'
    this.path = path
    this.query = search === '' ? emptyQuery : new Query(search)
  }

  get trailingSlash(): boolean {
    return pathOfTarget(this.#incoming.target).endsWith('/')
  }

  get plain(): boolean {
    if (this.method === 'HEAD' || this.query !== emptyQuery) return false
    return decisive.every((name) => this.#incoming.header(name) === undefined)
  }

  get signal(): AbortSignal {
    return this.#incoming.request.signal
  }

  header(name: string): string | undefined {
    return this.#incoming.header(name)
  }
}

/** The path of a request target, which is `/path?query` or, through some proxies, a whole URL. */
export function pathOfTarget(target: string): string {
  const origin = target.startsWith('/') ? 0 : (/^[a-z]+:\/\/[^/?#]*/i.exec(target)?.[0].length ?? 0)
  const end = target.search(/[?#]/)
  return target.slice(origin, end === -1 ? undefined : end) || '/'
}

/** The query of a request target with its question mark; empty when there is none. */
export function searchOfTarget(target: string): string {
  const [withoutFragment = ''] = target.split('#', 1)
  const start = withoutFragment.indexOf('?')
  return start === -1 ? '' : withoutFragment.slice(start)
}
