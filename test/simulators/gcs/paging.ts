import { invalid } from './api-error.ts'
import { integerParameter, type Simulation } from './exchange.ts'

/** Where a listing goes on: after this key. */
export const writePageToken = (key: string): string => Buffer.from(`after:${key}`).toString('base64url')

export function readPageToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  if (!text.startsWith('after:') || writePageToken(text.slice(6)) !== token) throw invalid('Invalid argument.')
  return text.slice(6)
}

export function pageSize({ pageLimit }: Simulation, query: URLSearchParams): number {
  const wanted = integerParameter(query, 'maxResults')
  // 0 stands for the default, as everything above the limit does.
  return wanted === undefined || wanted === 0 ? pageLimit : Math.min(wanted, pageLimit)
}
