import { systemClock } from '@filegate/core'
import { type Connection, until } from './connection.ts'
import { nameOf } from './errors.ts'
import { hasContainer } from './head.ts'

/** Which containers are there, asked once for each. */
export interface ContainerKeeper {
  /** Makes sure that a container is there before something is put into it. */
  readonly ensure: (container: string, signal?: AbortSignal) => Promise<void>
  /** Makes a container that somebody wants for itself, unless it is there. */
  readonly make: (container: string, signal?: AbortSignal) => Promise<void>
  /** It was deleted, or turned out not to be there. */
  readonly forget: (container: string) => void
}

/** While a container of that name is being deleted, none can be made: that takes half a minute and more. */
const waiting = { tries: 10, pause: 12_000 } as const

export function containerKeeper(connection: Connection): ContainerKeeper {
  const known = new Set<string>()
  const make: ContainerKeeper['make'] = async (container, signal) => {
    if (!(await hasContainer(connection, container, { signal }))) await makeContainer(connection, container, signal)
    known.add(container)
  }
  return {
    make,
    async ensure(container, signal) {
      if (!connection.options.no_check_container && !known.has(container)) await make(container, signal)
    },
    forget: (container) => void known.delete(container),
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
