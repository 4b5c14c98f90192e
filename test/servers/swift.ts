import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { family, freePorts, removeFolder, run, type StartedServer } from './programs.ts'

export const swiftPrograms = {
  'swift-proxy-server': 'swift-proxy',
  'swift-account-server': 'swift-account',
  'swift-container-server': 'swift-container',
  'swift-object-server': 'swift-object',
  'swift-ring-builder': 'swift',
  memcached: 'memcached',
} as const

/** What the programs behind the proxy do besides serving, none of which is wanted here, needs a section nevertheless. */
const daemons = ['replicator', 'updater', 'auditor', 'reaper'] as const

const common = (folder: string, port: number): string => `
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}/etc
log_level = WARNING
`

const storage = (folder: string, kind: string, port: number): string => `${common(folder, port)}
devices = ${folder}/node
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
${daemons.map((daemon) => `[${kind}-${daemon}]`).join('\n')}
[container-sync]
[container-sharder]
[object-reconstructor]
`

/** Filters of the proxy, in their order, with what they need. */
const filters: readonly (readonly [name: string, use: string, settings?: Readonly<Record<string, string>>])[] = [
  ['catch_errors', 'catch_errors'],
  ['gatekeeper', 'gatekeeper'],
  ['healthcheck', 'healthcheck'],
  ['cache', 'memcache'],
  ['listing_formats', 'listing_formats'],
  ['bulk', 'bulk'],
  ['tempurl', 'tempurl'],
  [
    's3api',
    's3api',
    { s3_acl: 'false', check_bucket_owner: 'false', min_segment_size: '5242880', location: 'us-east-1' },
  ],
  ['tempauth', 'tempauth', { user_test_tester: 'testing .admin', storage_url_scheme: 'http' }],
  ['copy', 'copy'],
  ['container-quotas', 'container_quotas'],
  ['account-quotas', 'account_quotas'],
  ['slo', 'slo', { allow_async_delete: 'true' }],
  ['dlo', 'dlo'],
  ['versioned_writes', 'versioned_writes', { allow_object_versioning: 'true' }],
  ['symlink', 'symlink'],
]

function proxy(folder: string, port: number, memory: number): string {
  const sections = filters.map(([name, use, settings = {}]) => {
    const own = name === 'cache' ? { memcache_servers: `127.0.0.1:${memory}` } : settings
    const lines = Object.entries(own).map(([key, value]) => `${key} = ${value}`)
    return [`[filter:${name}]`, `use = egg:swift#${use}`, ...lines].join('\n')
  })
  return `${common(folder, port)}
[pipeline:main]
pipeline = ${filters.map(([name]) => name).join(' ')} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
${sections.join('\n')}
`
}

/** Starts OpenStack Swift on loopback: one of each of its servers, with the S3 interface on the proxy. */
export async function startSwift(): Promise<StartedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'filegate-swift-'))
  const etc = join(folder, 'etc')
  for (const name of ['etc', 'node/sdb1', 'log']) await mkdir(join(folder, name), { recursive: true })
  const [port = 0, memory = 0, ...others] = await freePorts(5)
  const prefix = 'swift_hash_path_prefix = filegate\nswift_hash_path_suffix = filegate'
  const policy = '[storage-policy:0]\nname = only\ndefault = yes'
  await writeFile(join(etc, 'swift.conf'), `[swift-hash]\n${prefix}\n${policy}\n`)
  await writeFile(join(etc, 'proxy-server.conf'), proxy(folder, port, memory))
  const programs = family(join(folder, 'log'))
  const stop = async (): Promise<void> => {
    await programs.end()
    await removeFolder(folder)
  }
  try {
    programs.begin('memcached', ['-u', userInfo().username, '-l', '127.0.0.1', '-p', String(memory), '-U', '0'])
    for (const [place, kind] of ['account', 'container', 'object'].entries()) {
      const own = others[place] ?? 0
      await writeFile(join(etc, `${kind}-server.conf`), storage(folder, kind, own))
      const ring = (...args: readonly string[]) => run('swift-ring-builder', [`${kind}.builder`, ...args], {}, etc)
      await ring('create', '4', '1', '1')
      await ring('add', `r1z1-127.0.0.1:${own}/sdb1`, '1')
      await ring('rebalance')
      programs.begin(`swift-${kind}-server`, [join(etc, `${kind}-server.conf`)], { SWIFT_DIR: etc })
    }
    programs.begin('swift-proxy-server', [join(etc, 'proxy-server.conf')], { SWIFT_DIR: etc })
    // The proxy answers whether those behind it do or not.
    for (const each of [memory, ...others]) await programs.listening(each, 300)
    await programs.answering(`http://127.0.0.1:${port}/healthcheck`, 300)
    return { endpoint: `http://127.0.0.1:${port}`, key: 'test:tester', secret: 'testing', stop }
  } catch (error) {
    await stop()
    throw error
  }
}
