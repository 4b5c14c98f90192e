import { execFile } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { selfSigned } from '../e2e/self-signed.ts'
import { family, freePorts, removeFolder, run } from './programs.ts'

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

const rows = Array.from({ length: 24 }, (_, place) => 20_000 + 500 * place)

/** 500 ports in a row for data connections, which no other server that this process started has. */
function portsForData(): { first: number; last: number } {
  const [first] = rows.splice(randomInt(rows.length), 1)
  if (first === undefined) throw new Error('There are too many FTP servers at a time.')
  return { first, last: first + 499 }
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
  const [root, [port = 0], data] = [join(folder, 'root'), await freePorts(1), portsForData()]
  const { username, uid, gid } = userInfo()
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
    `PassivePorts ${data.first} ${data.last}`,
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
    // Sessions of those who have gone may still be at their end.
    'MaxInstances 1000',
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
    await removeFolder(folder)
  }
  try {
    await programs.listening(port, 60)
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
  const [root, empty, [port = 0], data] = [
    join(folder, 'root'),
    join(folder, 'empty'),
    await freePorts(1),
    portsForData(),
  ]
  const user = `fgtest${randomBytes(6).toString('hex')}`
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
    pasv_min_port: data.first,
    pasv_max_port: data.last,
    // Sessions of those who have gone may still be at their end.
    max_clients: 0,
    max_per_ip: 0,
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
    await removeFolder(folder)
  }
  try {
    await programs.listening(port, 60)
    return { port, user, password, root, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
