import { now } from './file-time.ts'
import { createContent } from './content.ts'
import type { FileNode } from './tree.ts'

/** A copy goes on while its state is asked for, so that tests need no clock. */
export function advanceCopy(file: FileNode): void {
  const { copy } = file
  if (copy?.status !== 'pending') return
  copy.remaining -= 1
  if (copy.remaining > 0) return
  copy.status = 'success'
  copy.completed = now()
  file.content = copy.result
  file.modified = copy.completed
}

/** What is left of an aborted copy is a file without content. */
export function endCopy(file: FileNode): void {
  if (file.copy?.status !== 'pending') return
  file.copy.status = 'aborted'
  file.copy.completed = now()
  file.content = createContent(0)
  file.modified = file.copy.completed
}
