import { describeDriver, type Harness } from '@filegate/conformance'
import { openDriver } from '@filegate/core'
import definition from '@filegate/driver-ftp'
import { chown, mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { proftpdPrograms, type RunningFtp, startProftpd, startVsftpd, vsftpdPrograms } from './ftp-servers.ts'
import { forbiddenNames } from '../simulators/vendor-names.ts'
import { missingPrograms } from './programs.ts'

/** Names as the server has them, for the suite is about the driver and not about how users see names. */
const bare = { ...definition, names: 'untouched' as const }

/** Seeds the folder of a server on disk, as its user. */
function harnessOf(server: RunningFtp, options: Readonly<Record<string, unknown>>): Harness {
  return {
    siblings: 300,
    async seed(seeds) {
      const { uid, gid } = await stat(server.root)
      const made = new Set<string>([server.root])
      const folder = async (path: string): Promise<void> => {
        if (made.has(path)) return
        await folder(dirname(path))
        await mkdir(path)
        await chown(path, uid, gid)
        made.add(path)
      }
      for (const seed of seeds) {
        const path = join(server.root, seed.path)
        await folder(seed.kind === 'file' ? dirname(path) : path)
        if (seed.kind === 'file') {
          await writeFile(path, seed.bytes)
          await chown(path, uid, gid)
        }
      }
    },
    connect: () =>
      openDriver(bare, {
        host: '127.0.0.1',
        port: server.port,
        user: server.user,
        pass: server.password,
        no_check_certificate: true,
        concurrency: 20,
        ...options,
      }),
    close: () => server.stop(),
  }
}

const except = forbiddenNames('ftp')

interface Suite {
  readonly name: string
  readonly harness: Harness
}

async function onProftpd(): Promise<readonly Suite[]> {
  const [plain, explicit, implicit, bareList] = await Promise.all([
    startProftpd('plain'),
    startProftpd('explicit'),
    startProftpd('implicit'),
    startProftpd('plain'),
  ])
  return [
    { name: 'proftpd, plain', harness: harnessOf(plain, {}) },
    { name: 'proftpd, explicit TLS', harness: harnessOf(explicit, { explicit_tls: true }) },
    { name: 'proftpd, implicit TLS', harness: harnessOf(implicit, { tls: true }) },
    { name: 'proftpd without MLSD', harness: harnessOf(bareList, { force_list_hidden: true }) },
  ]
}

async function onVsftpd(): Promise<readonly Suite[]> {
  const options = { force_list_hidden: true, writing_mdtm: true }
  const plain = harnessOf(await startVsftpd('plain'), options)
  const explicit = harnessOf(await startVsftpd('explicit'), { ...options, explicit_tls: true })
  return [
    { name: 'vsftpd, plain', harness: plain },
    { name: 'vsftpd, explicit TLS', harness: explicit },
  ]
}

const notRoot = process.getuid?.() === 0 ? undefined : 'only root can start it'
const servers = [
  { name: 'proftpd', missing: missingPrograms(proftpdPrograms) ?? notRoot, suites: onProftpd },
  { name: 'vsftpd', missing: missingPrograms(vsftpdPrograms) ?? notRoot, suites: onVsftpd },
]

for (const { name, missing } of servers) if (missing) console.log(`Skipped: FTP on ${name}, ${missing}`)
const started = await Promise.all(servers.filter(({ missing }) => !missing).map(({ suites }) => suites()))

it.skipIf(started.length < servers.length)('all servers could be started', () => {
  expect(started).toHaveLength(servers.length)
})
for (const { name, harness } of started.flat()) describeDriver(name, harness, { except })
