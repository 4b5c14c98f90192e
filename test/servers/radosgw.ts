import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { family, freePorts, removeFolder, run, type StartedServer } from './programs.ts'

export const radosgwPrograms = {
  radosgw: 'radosgw',
  'radosgw-admin': 'radosgw',
  'ceph-mon': 'ceph-mon',
  'ceph-osd': 'ceph-osd',
  ceph: 'ceph-common',
} as const

interface Layout {
  readonly folder: string
  readonly cluster: string
  readonly monitorPort: number
  readonly port: number
}

/** A cluster of one node, with its objects in memory; a cluster by default keeps three copies and asks for proof of all. */
const configuration = ({ folder, cluster, monitorPort, port }: Layout): string => `
[global]
fsid = ${cluster}
mon host = v2:127.0.0.1:${monitorPort}
mon initial members = a
public network = 127.0.0.0/8
ms bind ipv6 = false
ms bind msgr1 = false
keyring = ${folder}/keyring
run dir = ${folder}/run
admin socket = ${folder}/run/$name.asok
log file = ${folder}/log/$name.log
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = true
mon warn on insecure global id reclaim = false
mon allow pool size one = true
mon data avail warn = 1
mon data avail crit = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
[mon.a]
mon data = ${folder}/mon
[osd.0]
osd objectstore = memstore
memstore device bytes = 4294967296
osd data = ${folder}/osd
osd journal = ${folder}/osd/journal
[client.rgw.a]
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw dns name = localhost
rgw s3 auth use sts = false
rgw enable usage log = false
# Keys of users travel over plain HTTP here, which is loopback.
rgw crypt require ssl = false
`

const everything = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *'] as const
const keys: readonly (readonly [string, readonly string[]])[] = [
  ['mon.', ['--cap', 'mon', 'allow *']],
  ['client.admin', everything],
  ['client.rgw.a', ['--cap', 'mon', 'allow rw', '--cap', 'osd', 'allow rwx']],
  ['osd.0', ['--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *']],
]

/** Starts a Ceph cluster with its S3 gateway on loopback, with a user in it. */
export async function startRadosgw(): Promise<StartedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'filegate-ceph-'))
  for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) await mkdir(join(folder, name))
  const [monitorPort = 0, port = 0] = await freePorts(2)
  const layout = { folder, cluster: randomUUID(), monitorPort, port }
  const file = join(folder, 'ceph.conf')
  await writeFile(file, configuration(layout))
  const programs = family(join(folder, 'log'))
  const stop = async (): Promise<void> => {
    await programs.end()
    await removeFolder(folder)
  }
  try {
    await beginCluster(layout, file, programs)
    const endpoint = `http://127.0.0.1:${port}`
    programs.begin('radosgw', ['-f', '-c', file, '-n', 'client.rgw.a'])
    await programs.answering(endpoint, 300)
    const user = ['--uid=test', '--display-name=test', '--access-key=testkey', '--secret-key=testsecret']
    await run('radosgw-admin', ['-c', file, 'user', 'create', ...user])
    return { endpoint, key: 'testkey', secret: 'testsecret', stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function beginCluster(
  { folder, cluster, monitorPort }: Layout,
  file: string,
  programs: ReturnType<typeof family>,
): Promise<void> {
  const keyring = join(folder, 'keyring')
  const ceph = (...args: readonly string[]) => run('ceph', ['-c', file, '--connect-timeout', '300', ...args])
  await run('ceph-authtool', ['--create-keyring', keyring])
  for (const [name, caps] of keys) await run('ceph-authtool', [keyring, '--gen-key', '-n', name, ...caps])
  const map = join(folder, 'monmap')
  await run('monmaptool', ['--create', '--fsid', cluster, '--addv', 'a', `[v2:127.0.0.1:${monitorPort}]`, map])
  await run('ceph-mon', ['-c', file, '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring])
  programs.begin('ceph-mon', ['-f', '-c', file, '-i', 'a'])
  await programs.listening(monitorPort, 300)
  const disk = randomUUID()
  await ceph('osd', 'new', disk, '0')
  await ceph('auth', 'import', '-i', keyring)
  await writeFile(join(folder, 'osd', 'ceph_fsid'), `${cluster}\n`)
  await run('ceph-osd', ['-c', file, '-i', '0', '--mkfs', '--osd-uuid', disk])
  await ceph('osd', 'crush', 'add-bucket', 'here', 'host')
  await ceph('osd', 'crush', 'move', 'here', 'root=default')
  await ceph('osd', 'crush', 'add', 'osd.0', '1.0', 'host=here')
  programs.begin('ceph-osd', ['-f', '-c', file, '-i', '0'])
}
