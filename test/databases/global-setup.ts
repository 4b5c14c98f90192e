import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import type { TestPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Asked for a database, it answers with `MadeDatabase`. */
    readonly databases: string
  }
}

/** The address of a new database, or why there is none. */
export type MadeDatabase = { readonly url: string } | { readonly problem: string }

/** One PostgreSQL for the whole run, started when the first test file asks for a database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<TestPostgres> | undefined
  const made = async (): Promise<MadeDatabase> => {
    try {
      starting ??= import('./postgres.ts').then(({ startPostgres }) => startPostgres())
      return { url: await (await starting).makeDatabase() }
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) }
    }
  }
  const server = createServer((_request, response) => {
    void made().then((database) => response.end(JSON.stringify(database)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('a server that listens has a port')
  project.provide('databases', `http://127.0.0.1:${address.port}`)
  return async () => {
    server.close()
    server.closeAllConnections()
    await starting?.then(
      (postgres) => postgres.stop(),
      () => {},
    )
  }
}
