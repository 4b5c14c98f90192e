import { systemClock } from '@filegate/core'
import { type Connection, until } from './connection.ts'
import { nameOf } from './errors.ts'
import { hasContainer } from './head.ts'

/** Makes sure that a container is there before something is put into it; asks once for each. */
export type EnsureContainer = (container: string, signal?: AbortSignal) => Promise<void>

/** While a container of that name is being deleted, none can be made: that takes half a minute and more. */
const waiting = { tries: 10, pause: 12_000 } as const

export function containerKeeper(connection: Connection): EnsureContainer {
  const known = new Set<string>()
  return async (container, signal) => {
    if (connection.options.no_check_container || known.has(container)) return
    if (!(await hasContainer(connection, container, { signal }))) await makeContainer(connection, container, signal)
    known.add(container)
  }
}

async function makeContainer(
  { vendor, options, log }: Connection,
  container: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { public_access: access } = options
  for (let tries = 1; ; tries++) {
    try {
      await vendor.container(container).create({ ...(access !== '' && { access }), ...until(signal) })
      return
    } catch (error) {
      const name = nameOf(error)
      if (name === 'ContainerAlreadyExists') return
      if (name === 'AuthorizationFailure' || name === 'AuthorizationPermissionMismatch') {
        // Whether it is there, the upload will show.
        log.debug('The login may not make containers.', { container })
        return
      }
      if (name !== 'ContainerBeingDeleted' || tries === waiting.tries) throw error
      await systemClock.sleep(waiting.pause, signal)
    }
  }
}
