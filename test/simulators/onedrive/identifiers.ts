import { randomBytes, randomUUID } from 'node:crypto'
import type { Drive, DriveType } from './service.ts'

export interface Identifiers {
  newDrive(type: DriveType, name: string, owner: string): Drive
  /** Items that are made from now on are of this drive. */
  makeIdsFor(drive: Drive): void
  makeId(kind: 'file' | 'folder' | 'revision'): string
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const random = (length: number): string => Array.from(randomBytes(length), (byte) => letters[byte % 32]).join('')

/** Personal drives: `A1B2C3D4E5F60718!101`; the others: 34 letters, of which the first ones are the drive's. */
export function identifiers(): Identifiers {
  let number = 101
  let current: Drive | undefined
  const prefixes = new Map<string, string>()

  const itemOf = (drive: Drive): string =>
    drive.type === 'personal'
      ? `${drive.id.toUpperCase()}!${number++}`
      : `01${prefixes.get(drive.id) ?? ''}${random(26)}`

  return {
    newDrive(type, name, owner) {
      if (type === 'personal') {
        const id = randomBytes(8).toString('hex')
        return { id, type, name, owner, root: `${id.toUpperCase()}!${number++}` }
      }
      const id = `b!${randomBytes(48).toString('base64url')}`
      prefixes.set(id, random(6))
      return { id, type, name, owner, root: `01${prefixes.get(id) ?? ''}${random(26)}` }
    },
    makeIdsFor(drive) {
      current = drive
    },
    makeId: (kind) => (kind === 'revision' || current === undefined ? randomUUID() : itemOf(current)),
  }
}
