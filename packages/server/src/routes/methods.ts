import type { Settings } from '../settings.ts'
import type { PerformingParts } from '../writing/perform.ts'
import { davMethods, writeMethods } from '../writing/writing.ts'
import { managementMethods } from './management.ts'

/** The features of which one has to be on for a method to change anything. */
const needs: Readonly<Record<string, readonly (keyof Settings['allow'])[]>> = {
  PUT: ['upload'],
  POST: ['upload'],
  PATCH: ['upload', 'chmod', 'chown'],
  DELETE: ['delete'],
  MKCOL: ['upload'],
  COPY: ['upload'],
  MOVE: ['upload'],
}

interface Requested {
  readonly path: string
  query(name: string): string | undefined
}

/** The methods that a path takes, whether there is something or not. */
export function methodsAt(
  { settings, folder }: Pick<PerformingParts, 'settings' | 'folder'>,
  api: string,
  request: Requested,
): string {
  const { path } = request
  const isApi = path.startsWith(`${api}/`)
  const managing = isApi ? managementMethods(path.slice(api.length)) : undefined
  if (managing) return managing.join(', ')
  const isFile = !isApi || path.startsWith(`${api}/files/`)
  const changing = isApi ? writeMethods : (['PUT', 'PATCH', 'DELETE', ...davMethods] as const)
  const isElsewhere = isApi && request.query('backend') !== undefined
  const isOn = (method: string): boolean => (needs[method] ?? []).some((feature) => settings.allow[feature])
  const offered = changing.filter((method) => isElsewhere || (folder && isOn(method)))
  return ['GET', 'HEAD', ...(isFile ? offered : []), 'OPTIONS'].join(', ')
}
