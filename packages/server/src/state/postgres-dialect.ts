import { type DatabaseConnection, type Driver, PostgresDialect, PostgresDriver } from 'kysely'
import { Pool, type PoolConfig, TypeOverrides } from 'pg'
import { addressWithin } from './database-url.ts'
import { namedError } from './postgres-errors.ts'

/** Of one process to one of our databases. Those that are not needed end. */
const mostConnections = 4

/** Milliseconds. A question lasts longer than the server lets it only when the connection is dead. */
const patience = { connectionTimeoutMillis: 10_000, query_timeout: 70_000, idleTimeoutMillis: 30_000 } as const

/** Types of PostgreSQL that come as text because they may be larger than any number of ours is. */
const largeNumbers = [20, 1700] as const

const types = new TypeOverrides()
for (const type of largeNumbers) types.setTypeParser(type, Number)

/** For a connection to one of our databases. */
export const connectionConfig = (address: string, schema: string): PoolConfig => ({
  connectionString: addressWithin(address, schema),
  keepAlive: true,
  types,
  ...patience,
})

/** PostgreSQL through pg, in a schema of our own. A connection that breaks is replaced by the next question. */
export function postgresDialect(address: string, schema: string): PostgresDialect {
  const pool = new Pool({ ...connectionConfig(address, schema), max: mostConnections })
  // Whoever uses a connection that breaks is told by the answer; one that nobody uses just ends. Without somebody who
  // listens, either would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return new NamingDialect({ pool })
}

class NamingDialect extends PostgresDialect {
  readonly #config: ConstructorParameters<typeof PostgresDialect>[0]

  constructor(config: ConstructorParameters<typeof PostgresDialect>[0]) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new NamingDriver(this.#config)
  }
}

/** Says of a broken connection that it is one. */
class NamingDriver extends PostgresDriver {
  readonly #known = new WeakSet<DatabaseConnection>()

  override async acquireConnection(
    ...options: Parameters<PostgresDriver['acquireConnection']>
  ): Promise<DatabaseConnection> {
    try {
      const connection = await super.acquireConnection(...options)
      if (!this.#known.has(connection)) this.#name(connection)
      return connection
    } catch (error) {
      throw namedError(error)
    }
  }

  #name(connection: DatabaseConnection): void {
    const execute: DatabaseConnection['executeQuery'] = connection.executeQuery.bind(connection)
    connection.executeQuery = async (...query) => {
      try {
        return await execute(...query)
      } catch (error) {
        throw namedError(error)
      }
    }
    this.#known.add(connection)
  }
}
