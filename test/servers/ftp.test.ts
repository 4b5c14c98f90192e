import { describeDriver, type Harness } from '@filegate/conformance'
import { openDriver } from '@filegate/core'
import definition from '@filegate/driver-ftp'
import { chown, mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'vitest'
import { proftpdPrograms, type RunningFtp, startProftpd, startVsftpd, vsftpdPrograms } from './ftp-servers.ts'
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

const exceptions = (reason: string, ...labels: readonly string[]) =>
  labels.map((label) => ({ test: `a name with ${label} stays as it is`, reason }))

const except = exceptions('FTP has no way to say such a name', 'a newline', 'a carriage return')

const proftpd = missingPrograms(proftpdPrograms) ?? (process.getuid?.() === 0 ? undefined : 'only root can start it')
const vsftpd = missingPrograms(vsftpdPrograms) ?? (process.getuid?.() === 0 ? undefined : 'only root can start it')

if (proftpd) {
  console.log(`Skipped: FTP on proftpd, ${proftpd}`)
  describe.skip(`FTP on proftpd, ${proftpd}`, () => it('runs', () => undefined))
} else {
  describeDriver('proftpd, plain', harnessOf(await startProftpd('plain'), {}), { except })
  describeDriver('proftpd, explicit TLS', harnessOf(await startProftpd('explicit'), { explicit_tls: true }), { except })
  describeDriver('proftpd, implicit TLS', harnessOf(await startProftpd('implicit'), { tls: true }), { except })
  describeDriver('proftpd without MLSD', harnessOf(await startProftpd('plain'), { force_list_hidden: true }), {
    except,
  })
}

if (vsftpd) {
  console.log(`Skipped: FTP on vsftpd, ${vsftpd}`)
  describe.skip(`FTP on vsftpd, ${vsftpd}`, () => it('runs', () => undefined))
} else {
  const options = { force_list_hidden: true, writing_mdtm: true }
  describeDriver('vsftpd, plain', harnessOf(await startVsftpd('plain'), options), { except })
  const encrypted = harnessOf(await startVsftpd('explicit'), { ...options, explicit_tls: true })
  describeDriver('vsftpd, explicit TLS', encrypted, { except })
}
