import { escapeForLog } from './escape.ts'

/**
 * An error for standard error: what went wrong in one line, then where. Messages hold names of files, which may hold
 * anything: none of it ends a line or reaches a terminal as a command.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return escapeForLog(String(error))
  const { name, message, stack = '' } = error
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n')
  const places = frames.filter((line) => line.trim() !== '').map(escapeForLog)
  return [`${name}: ${escapeForLog(message)}`, ...places].join('\n')
}
