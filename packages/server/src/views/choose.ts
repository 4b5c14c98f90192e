import { type Entry, StorageError } from '@filegate/core'
import type { Query } from '../http/query.ts'
import { exclusive, pastParameters, type SelectableView, views } from './index.ts'
import type { View } from './view.ts'

/** The view that a query asks for; undefined when it asks for none, which means the thing as it is. */
export function chooseView(query: Query): SelectableView | undefined {
  const chosen = views.filter((view) => asksFor(query, view))
  for (const group of exclusive) {
    const present = group.filter((name) => query.has(name))
    if (present.length > 1) refuse(present)
  }
  if (chosen.length > 1) refuse(chosen.map(({ parameters }) => parameters[0]))
  return chosen[0]
}

/** Whether the journal has to answer, because it is about what a file was. */
export const asksForPast = (query: Query): boolean => pastParameters.some((asked) => asksFor(query, asked))

function asksFor(query: Query, { parameters, valued }: Pick<SelectableView, 'parameters' | 'valued'>): boolean {
  return parameters.some((name) => (valued ? query.has(name) : query.flag(name)))
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
