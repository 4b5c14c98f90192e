import { type Entry, StorageError } from '@filegate/core'
import type { Query } from '../http/query.ts'
import { exclusive, type SelectableView, views } from './index.ts'
import type { View } from './view.ts'

/** The view that a query asks for; undefined when it asks for none, which means the thing as it is. */
export function chooseView(query: Query): SelectableView | undefined {
  const asksFor = ({ parameters, valued }: SelectableView): boolean =>
    parameters.some((name) => (valued ? query.has(name) : query.flag(name)))
  const chosen = views.filter(asksFor)
  for (const group of exclusive) {
    const present = group.filter((name) => query.has(name))
    if (present.length > 1) refuse(present)
  }
  if (chosen.length > 1) refuse(chosen.map(({ parameters }) => parameters[0]))
  return chosen[0]
}

function refuse(names: readonly string[]): never {
  throw new StorageError('InvalidArgument', `Only one of the parameters ${names.join(', ')} can be used at a time.`)
}

/** @throws StorageError `InvalidArgument` when the view is one of files and this is a directory, or the other way round. */
export function checkTakes(view: View, entry: Entry): void {
  if (view.takes === 'any' || view.takes === entry.kind) return
  const message = `Parameter '${view.name}' works on a ${view.takes}, and /${entry.path} is a ${entry.kind}.`
  throw new StorageError('InvalidArgument', message, { path: entry.path })
}
