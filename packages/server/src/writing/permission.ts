import { StorageError, type StoragePath } from '@filegate/core'
import { refusal } from '../access/restricted.ts'
import type { Rights } from '../access/rights.ts'
import type { Settings } from '../settings.ts'
import { hiddenOnTheWay } from '../access/hidden-on-the-way.ts'
import type { Operation, Place, WritingFeature } from './writing.ts'

const deeds = {
  upload: 'Uploading',
  delete: 'Deleting',
  chmod: 'Changing permissions',
  chown: 'Changing owners',
} as const satisfies Record<WritingFeature, string>

/** @throws StorageError `AccessDenied` when the server was started without the feature */
export function checkAllowed({ allow }: Pick<Settings, 'allow'>, feature: WritingFeature): void {
  if (allow[feature]) return
  const message = `${deeds[feature]} is switched off; the server must be started with --allow-${feature}.`
  throw new StorageError('AccessDenied', message)
}

/** @throws StorageError `AccessDenied`, or `Unauthenticated` when logging in may help */
export function checkRight({ scope, path, real }: Place, right: Operation['right']): void {
  if (!isEnough(scope, path, right)) throw refusal(scope, path)
  if (!real) return
  if (!isEnough(real.rights, real.path, right)) throw refusal(scope, path)
  // What listings leave out may be read by who knows its name, and is not changed by who may not know that it is there.
  if (right !== 'read-all' && hiddenOnTheWay(scope, path)) throw hidden(path)
}

function isEnough(
  { level, lowest }: Pick<Rights, 'level' | 'lowest'>,
  path: StoragePath,
  right: Operation['right'],
): boolean {
  const found = right === 'write' ? level(path) : lowest(path)
  return found === 'write' || (found === 'read' && right === 'read-all')
}

const hidden = (path: StoragePath): StorageError =>
  new StorageError('AccessDenied', `Names like that of /${path} are hidden here (--hidden), and are not changed.`, {
    path,
  })
