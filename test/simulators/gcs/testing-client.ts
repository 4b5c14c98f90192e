import { isObject, type JsonObject } from './json.ts'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
  /** The body, where it is a JSON object; else an empty one. */
  readonly json: JsonObject
  readonly text: string
}

export interface Sent {
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly body?: string | Uint8Array
}

/** Talks to the JSON API with nothing between the test and the wire. */
export function testingClient(endpoint: string, token?: string) {
  return async function call(
    method: string,
    path: string,
    { query = {}, headers = {}, json, body }: Sent = {},
  ): Promise<Reply> {
    const search = new URLSearchParams(query).toString()
    const target = path.startsWith('http') ? path : `${endpoint}${path}`
    const sent = json === undefined ? body : JSON.stringify(json)
    const response = await fetch(`${target}${search && (target.includes('?') ? '&' : '?')}${search}`, {
      method,
      redirect: 'manual',
      headers: {
        'accept-encoding': 'identity',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: typeof sent === 'string' ? sent : new Uint8Array(sent) }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    const parsed: unknown = isJson ? JSON.parse(bytes.toString('utf8')) : {}
    return {
      status: response.status,
      headers: response.headers,
      body: bytes,
      json: isObject(parsed) ? parsed : {},
      text: bytes.toString('utf8'),
    }
  }
}

/** The reason in the error envelope of a refusal, behind its status: `404 notFound`. */
export function refusalOf({ status, json }: Reply): string {
  const { error } = json
  const errors = isObject(error) ? error['errors'] : undefined
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  return `${status} ${isObject(first) ? String(first['reason']) : ''}`.trim()
}

/** The names in a listing of objects or buckets. */
export const namesOf = ({ json }: Reply): string[] => {
  const { items } = json
  return Array.isArray(items) ? items.map((item: unknown) => (isObject(item) ? String(item['name']) : '')) : []
}

/** A member of the reply that has to be text; empty where there is none. */
export function textOf({ json }: Reply, name: string): string {
  const value = json[name]
  return typeof value === 'string' ? value : ''
}
