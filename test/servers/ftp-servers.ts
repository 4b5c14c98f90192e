import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { selfSigned } from '../e2e/self-signed.ts'
import { family, freePorts, run } from './programs.ts'

export type Security = 'plain' | 'explicit' | 'implicit'

export interface RunningFtp {
  readonly port: number
  readonly user: string
  readonly password: string
  /** What the user sees as the root, on disk. */
  readonly root: string
  stop(): Promise<void>
}

export const proftpdPrograms = { proftpd: 'proftpd-core proftpd-mod-crypto', openssl: 'openssl' }
/** Debian installs one FTP server at a time, so this one may have been unpacked somewhere in PATH. */
export const vsftpdPrograms = { vsftpd: 'vsftpd', useradd: 'passwd', chpasswd: 'passwd' }

const password = 'pw'
const execute = promisify(execFile)

/** A port with so many behind it for data connections. Others rarely listen there. */
const placeOfPorts = async (): Promise<number> => {
  const [free = 0] = await freePorts(1)
  return 20_000 + (free % 10_000)
}

async function listening(port: number): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('close', () => socket.destroy())
      socket.once('connect', () => socket.end())
    })
    if (isThere) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`Nothing listens on port ${port}.`)
}

async function certificateIn(folder: string): Promise<{ certificate: string; key: string }> {
  const made = selfSigned()
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
  await writeFile(certificate, made.certificate)
  await writeFile(key, made.key, { mode: 0o600 })
  return { certificate, key }
}

/** proftpd with one virtual user. It has MLSD and MFMT, and wants TLS sessions taken up again. */
export async function startProftpd(security: Security): Promise<RunningFtp> {
  const folder = await mkdtemp(join(tmpdir(), 'filegate-proftpd-'))
  const [root, port, { username, uid, gid }] = [join(folder, 'root'), await placeOfPorts(), userInfo()]
  await chmod(folder, 0o755)
  await mkdir(root)
  const { certificate, key } = await certificateIn(folder)
  const hash = (await run('openssl', ['passwd', '-6', password])).trim()
  const [users, groups] = [join(folder, 'passwd'), join(folder, 'group')]
  await writeFile(users, `u:${hash}:${uid}:${gid}:u:${root}:/bin/sh\n`, { mode: 0o600 })
  const group = (await run('id', ['-gn'])).trim()
  await writeFile(groups, `${group}:x:${gid}:u\n`, { mode: 0o600 })
  const configuration = join(folder, 'proftpd.conf')
  const lines = [
    ...(security === 'plain' ? [] : ['ModulePath /usr/lib/proftpd', 'LoadModule mod_tls.c']),
    'ServerName test',
    'ServerType standalone',
    'DefaultAddress 127.0.0.1',
    'SocketBindTight on',
    'UseIPv6 off',
    `Port ${port}`,
    `PassivePorts ${port + 1} ${port + 500}`,
    `User ${username}`,
    `Group ${group}`,
    'RootLogin on',
    'UseReverseDNS off',
    'AuthOrder mod_auth_file.c',
    `AuthUserFile ${users}`,
    `AuthGroupFile ${groups}`,
    'RequireValidShell off',
    'DefaultRoot ~',
    'AllowOverwrite on',
    'AllowStoreRestart on',
    'AllowRetrieveRestart on',
    'WtmpLog off',
    'TransferLog none',
    `SystemLog ${join(folder, 'system.log')}`,
    `PidFile ${join(folder, 'proftpd.pid')}`,
    `ScoreboardFile ${join(folder, 'scoreboard')}`,
    'DelayEngine off',
    'MaxInstances 60',
    ...(security === 'plain'
      ? []
      : [
          'TLSEngine on',
          'TLSRequired on',
          `TLSECCertificateFile ${certificate}`,
          `TLSECCertificateKeyFile ${key}`,
          'TLSProtocol TLSv1.2 TLSv1.3',
          'TLSVerifyClient off',
          ...(security === 'implicit' ? ['TLSOptions UseImplicitSSL'] : []),
        ]),
  ]
  await writeFile(configuration, `${lines.join('\n')}\n`)
  const programs = family(folder)
  programs.begin('proftpd', ['--nodaemon', '-c', configuration])
  const stop = async (): Promise<void> => {
    await programs.end()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await listening(port)
    return { port, user: 'u', password, root, stop }
  } catch (error) {
    const said = await readFile(join(folder, 'system.log'), 'utf8').catch(() => '')
    await stop()
    throw new Error(`proftpd did not start: ${said}`, { cause: error })
  }
}

/** vsftpd with a user of this machine. It has neither MLSD nor MFMT, and hides what begins with a dot. */
export async function startVsftpd(security: Exclude<Security, 'implicit'>): Promise<RunningFtp> {
  const folder = await mkdtemp(join(tmpdir(), 'filegate-vsftpd-'))
  const [root, empty, port] = [join(folder, 'root'), join(folder, 'empty'), await placeOfPorts()]
  const user = `fgtest${port}`
  await chmod(folder, 0o755)
  for (const made of [root, empty]) await mkdir(made)
  const { certificate, key } = await certificateIn(folder)
  await run('useradd', ['-M', '-d', root, '-s', '/bin/sh', user])
  const setting = execute('chpasswd', { env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' } })
  setting.child.stdin?.end(`${user}:${password}\n`)
  await setting
  await chown(root, Number(await run('id', ['-u', user])), Number(await run('id', ['-g', user])))
  const configuration = join(folder, 'vsftpd.conf')
  const settings = {
    listen: 'YES',
    listen_ipv6: 'NO',
    listen_address: '127.0.0.1',
    listen_port: port,
    background: 'NO',
    pasv_address: '127.0.0.1',
    pasv_min_port: port + 1,
    pasv_max_port: port + 500,
    anonymous_enable: 'NO',
    local_enable: 'YES',
    write_enable: 'YES',
    local_umask: '022',
    chroot_local_user: 'YES',
    allow_writeable_chroot: 'YES',
    secure_chroot_dir: empty,
    pam_service_name: 'login',
    check_shell: 'NO',
    utf8_filesystem: 'YES',
    seccomp_sandbox: 'NO',
    mdtm_write: 'YES',
    ...(security === 'explicit' && {
      ssl_enable: 'YES',
      rsa_cert_file: certificate,
      rsa_private_key_file: key,
      force_local_data_ssl: 'YES',
      force_local_logins_ssl: 'YES',
      require_ssl_reuse: 'YES',
      ssl_ciphers: 'HIGH',
    }),
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  await writeFile(configuration, `${lines.join('\n')}\n`, { mode: 0o600 })
  const programs = family(folder)
  programs.begin('vsftpd', [configuration])
  const stop = async (): Promise<void> => {
    await programs.end()
    await run('userdel', ['-f', user]).catch(() => '')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await listening(port)
    return { port, user, password, root, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
