import { layAside } from './lay-aside.ts'
import type { Owner } from './upload-store.ts'
import type { UploadParts } from './uploading.ts'

/** Milliseconds that it is remembered what became of an upload. */
const remembered = 24 * 60 * 60 * 1000

interface Sweeping extends Pick<UploadParts, 'store' | 'turns'> {
  /** Told of what could not be removed. */
  readonly report: (error: unknown) => void
}

/** Removes the bytes of uploads that have expired, and forgets those that have been over for long. */
export async function sweep(sweeping: Sweeping): Promise<void> {
  const { store, report } = sweeping
  for (const owner of await store.owners()) {
    for (const id of await store.open(owner)) await expire(sweeping, owner, id).catch(report)
    await store.forgetBefore(owner, Date.now() - remembered)
  }
}

async function expire({ store, turns }: Sweeping, owner: Owner, id: string): Promise<void> {
  const seen = await store.find(owner, id)
  if (!seen || (seen.expires > Date.now() && seen.outcome === undefined)) return
  const release = await turns.hold([id]).catch(() => undefined)
  // Somebody is at it, so it is not abandoned.
  if (!release) return
  try {
    const state = await store.find(owner, id)
    if (!state || (state.expires > Date.now() && state.outcome === undefined)) return
    await layAside(store, owner, { ...state, outcome: state.outcome ?? 'expired' })
  } finally {
    release()
  }
}
