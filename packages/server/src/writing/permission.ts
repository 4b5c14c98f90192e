import { StorageError } from '@filegate/core'
import { refusal } from '../access/restricted.ts'
import type { Settings } from '../settings.ts'
import type { Operation, Place } from './writing.ts'

const deeds = { upload: 'Uploading', delete: 'Deleting' } as const

/** @throws StorageError `AccessDenied` when the server was started without the feature */
export function checkAllowed({ allow }: Pick<Settings, 'allow'>, feature: keyof typeof deeds): void {
  if (allow[feature]) return
  const message = `${deeds[feature]} is switched off; the server must be started with --allow-${feature}.`
  throw new StorageError('AccessDenied', message)
}

/** @throws StorageError `AccessDenied`, or `Unauthenticated` when logging in may help */
export function checkRight({ scope, path }: Place, right: Operation['right']): void {
  const level = right === 'write' ? scope.level(path) : scope.lowest(path)
  if (level === 'write' || (level === 'read' && right === 'read-all')) return
  throw refusal(scope, path)
}
