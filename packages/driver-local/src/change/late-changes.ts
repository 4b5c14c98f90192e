import type { LocalChanges } from '@filegate/core'
import type { Access } from '../access.ts'
import type { ChangeOptions, ChangeParts } from './local-changes.ts'
import type * as Loaded from './local-changes.ts'

/** What changes a folder, loaded when that is first asked for: many a server changes nothing. */
export interface LateChanges {
  over(access: Access): LocalChanges
  close(): void
}

export function lateChanges(options: ChangeOptions | undefined): LateChanges {
  let opening: Promise<{ readonly loaded: typeof Loaded; readonly parts: ChangeParts }> | undefined
  let opened: ChangeParts | undefined
  const open = async () => {
    const loaded = await import('./local-changes.ts')
    opened = loaded.openChangeParts(options)
    return { loaded, parts: opened }
  }
  return {
    over(access) {
      let changes: LocalChanges | undefined
      const ready = async (): Promise<LocalChanges> => {
        opening ??= open()
        const { loaded, parts } = await opening
        changes ??= loaded.localChanges(access, parts)
        return changes
      }
      return {
        write: async (path, options) => (changes ?? (await ready())).write(path, options),
        append: async (path, options) => (changes ?? (await ready())).append(path, options),
        writeRange: async (path, options) => (changes ?? (await ready())).writeRange(path, options),
        adopt: async (path, options) => (changes ?? (await ready())).adopt(path, options),
        remove: async (path, options) => (changes ?? (await ready())).remove(path, options),
        makeDirectory: async (path, options) => (changes ?? (await ready())).makeDirectory(path, options),
        copy: async (path, options) => (changes ?? (await ready())).copy(path, options),
        move: async (path, options) => (changes ?? (await ready())).move(path, options),
        setModified: async (path, options) => (changes ?? (await ready())).setModified(path, options),
        setMode: async (path, options) => (changes ?? (await ready())).setMode(path, options),
        setOwner: async (path, options) => (changes ?? (await ready())).setOwner(path, options),
      }
    },
    close: () => opened?.notes?.close(),
  }
}
