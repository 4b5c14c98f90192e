import type { Operation, TreeSource } from '@filegate/core'
import { labelsOf } from './carry-labels.ts'
import { permissionsOf } from './carry-permissions.ts'
import type { Connection } from './connection.ts'
import type { DriveItem } from './facts.ts'
import type { MetadataChoice } from './metadata-choice.ts'
import type { Resource } from './resource.ts'

/** What is read of a file, each with its option. */
const readings = [
  { option: 'metadata_permissions', name: 'permissions', read: permissionsOf },
  { option: 'metadata_labels', name: 'labels', read: labelsOf },
] as const satisfies readonly {
  readonly option: string
  readonly name: string
  readonly read: (connection: Connection, file: Resource, options: Operation) => Promise<readonly unknown[]>
}[]

/** What the options want to be read of a file besides, each as a list in JSON; `undefined` where they want nothing. */
export function metadataReader(connection: Connection): TreeSource<DriveItem>['metadata'] {
  const { options, log } = connection
  const chosen = readings.filter(({ option }) => options[option].read)
  if (chosen.length === 0) return undefined
  return async ({ file }, { signal }) => {
    const told: Record<string, string> = {}
    for (const { option, name, read } of chosen) {
      const { failok }: MetadataChoice = options[option]
      try {
        told[name] = JSON.stringify(await read(connection, file, { signal }))
      } catch (error) {
        if (!failok || signal?.aborted) throw error
        log.warn(`${option}: the ${name} of a file could not be read.`, { file: file.id, error: String(error) })
      }
    }
    return told
  }
}
