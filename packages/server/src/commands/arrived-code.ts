import { createHash, timingSafeEqual } from 'node:crypto'
import { CommandError } from '../cli/command-error.ts'
import { refusalText } from '../oauth/refusal-text.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whether a browser comes back from where we sent it: a stranger does not know the state. */
export const belongsTo = (state: string, arrived: URLSearchParams): boolean =>
  timingSafeEqual(digest(arrived.get('state') ?? ''), digest(state))

/** @throws CommandError when access was denied */
export function arrivedCode(arrived: URLSearchParams): string {
  const code = arrived.get('code')
  if (code !== null && code !== '') return code
  throw new CommandError(1, `access was not allowed; the vendor says: ${refusalText(arrived.get('error') ?? '')}`)
}
