import type { SharedChanges } from '@filegate/core'
import type { BackendStore } from './backend-store.ts'

/** What this process knows of the changes that others make to the files on backends. */
export interface ChangeNotes {
  /** Told with every request how often the files were changed until now. */
  seen(id: string, changes: number): void
  of(id: string): SharedChanges
}

interface Note {
  changes: number
  generation: number
}

/** The workers of a server share nothing but the state, so a change of files is counted there. */
export function createChangeNotes(store: Pick<BackendStore, 'changed'>, say: (message: string) => void): ChangeNotes {
  const notes = new Map<string, Note>()

  function learn(id: string, changes: number, own: number): void {
    const note = notes.get(id)
    if (!note) notes.set(id, { changes, generation: 0 })
    else {
      if (note.changes + own !== changes) note.generation++
      note.changes = changes
    }
  }
  return {
    seen: (id, changes) => learn(id, changes, 0),
    of: (id) => ({
      generation: () => notes.get(id)?.generation ?? 0,
      async changed() {
        try {
          const changes = await store.changed(id)
          if (changes !== undefined) learn(id, changes, 1)
        } catch (error) {
          // The change is made; the others find it when what they remember is no longer good.
          say(`a change on the backend ${id} was not noted for the other workers: ${String(error)}`)
        }
      },
    }),
  }
}
