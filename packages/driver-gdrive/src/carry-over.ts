import type { Operation } from '@filegate/core'
import { carryLabels } from './carry-labels.ts'
import { carryOwner, carryPermissions } from './carry-permissions.ts'
import type { Connection } from './connection.ts'
import type { MetadataChoice } from './metadata-choice.ts'
import type { Resource } from './resource.ts'

/** A file, a copy of it, and whether the copy is to get what the file has. */
export interface Carrying extends Operation {
  readonly from: Resource
  readonly to: Resource
  readonly write: boolean
}

/** Gives the copy something that its source has. @returns how much of it there is */
export type Carry = (connection: Connection, carrying: Carrying) => Promise<number>

/** Each with its option. The owner comes last: who gave a file away can do nothing more with it. */
const carries = [
  { option: 'metadata_permissions', what: 'permissions', carry: carryPermissions },
  { option: 'metadata_labels', what: 'labels', carry: carryLabels },
  { option: 'metadata_owner', what: 'owner', carry: carryOwner },
] as const satisfies readonly { readonly option: string; readonly what: string; readonly carry: Carry }[]

/** Gives a copy what belongs to a file besides its bytes, as far as the options say so. */
export async function carryOver(
  connection: Connection,
  from: Resource,
  to: Resource,
  { signal }: Operation,
): Promise<void> {
  const { options, log } = connection
  for (const { option, what, carry } of carries) {
    const choice: MetadataChoice = options[option]
    // Whose a file is came with it.
    if (!choice.write && (!choice.read || what === 'owner')) continue
    try {
      const count = await carry(connection, { from, to, write: choice.write, signal })
      if (count > 0 && !choice.write) {
        log.info(`${option}: the ${what} of what was copied were not carried over, as write is not among them.`, {
          source: from.id,
          copy: to.id,
          count,
        })
      }
    } catch (error) {
      if (!choice.failok || signal?.aborted) throw error
      log.warn(`${option}: the copy did not get the ${what} of its source.`, {
        source: from.id,
        copy: to.id,
        error: String(error),
      })
    }
  }
}
