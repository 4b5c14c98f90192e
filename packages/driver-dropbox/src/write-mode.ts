import {
  type Conditions,
  evaluateConditions,
  type Operation,
  root,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import type { Connection } from './connection.ts'
import { fileEntry } from './entries.ts'
import { metadataIfThere } from './stat.ts'

/** What the vendor does where something stands already. */
export type WriteMode =
  | { readonly '.tag': 'overwrite' }
  | { readonly '.tag': 'add' }
  | { readonly '.tag': 'update'; readonly update: string }

export interface Commitment {
  readonly mode: WriteMode
  /** Whether anything but what the mode says is a conflict, also the same content, or a file that was deleted. */
  readonly strict_conflict: boolean
}

const overwrite: Commitment = { mode: { '.tag': 'overwrite' }, strict_conflict: false }
const onlyNew: Commitment = { mode: { '.tag': 'add' }, strict_conflict: true }
const onlyOver = (rev: string): Commitment => ({ mode: { '.tag': 'update', update: rev }, strict_conflict: true })

/**
 * The conditions of a write in the vendor's terms, so that they hold at the moment in which the file changes. What it has no
 * words for is decided on what stands there now, and the vendor keeps to that.
 * @throws StorageError `PreconditionFailed`
 */
export async function commitmentFor(
  connection: Connection,
  path: StoragePath,
  conditions: Conditions | undefined,
  options: Operation,
): Promise<Commitment> {
  if (!conditions || Object.values(conditions).every((condition) => condition === undefined)) return overwrite
  const direct = inVendorsTerms(conditions)
  if (direct) return direct
  if (path === root) return overwrite
  const there = await metadataIfThere(connection, await connection.places.of(path, options), options)
  const file = there?.['.tag'] === 'file' ? there : undefined
  if (evaluateConditions(conditions, file && fileEntry(path, file)) !== 'proceed') throw failedCondition(path)
  return file ? onlyOver(file.rev) : onlyNew
}

function inVendorsTerms(conditions: Conditions): Commitment | undefined {
  const { ifMatch, ifNoneMatch, ...others } = conditions
  if (Object.values(others).some((condition) => condition !== undefined)) return undefined
  if (!ifMatch && ifNoneMatch?.includes('*')) return onlyNew
  const rev = /^"([0-9a-f]{9,40})"$/.exec(ifMatch?.length === 1 ? (ifMatch[0] ?? '') : '')?.[1]
  return rev !== undefined && !ifNoneMatch ? onlyOver(rev) : undefined
}

export const failedCondition = (path: StoragePath, cause?: unknown): StorageError =>
  new StorageError('PreconditionFailed', `The condition does not hold for /${path}.`, { path, cause })
