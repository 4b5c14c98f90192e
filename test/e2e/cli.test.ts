import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  existsSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { get as httpGet, type IncomingMessage, type RequestOptions } from 'node:http'
import { get as httpsGet } from 'node:https'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { killStarted, run, start } from './command-line.ts'
import { selfSigned } from './self-signed.ts'

const large = 64 * 1024 * 1024
const free = ['-b', '127.0.0.1', '-p', '0']
/** Milliseconds that another process may need for what it does on its own. */
const patience = 10_000

let base: string
let files: string
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-cli-')))
  files = join(base, 'files')
  mkdirSync(join(files, 'public'), { recursive: true })
  writeFileSync(join(files, 'hello.txt'), 'hello')
  writeFileSync(join(files, 'public', 'open.txt'), 'open')
  writeFileSync(join(files, 'large.bin'), Buffer.alloc(large, 'large '))
})
afterEach(killStarted)
afterAll(() => {
  rmSync(base, { recursive: true })
})

const textOf = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text()

/** Opens a connection of its own and gives the answer, whose body nobody has read yet. */
async function slowly(url: string): Promise<IncomingMessage> {
  const request = httpGet(url, { agent: false })
  const [answer]: IncomingMessage[] = await once(request, 'response')
  if (!answer) throw new Error('no answer')
  return answer
}

function getWith(get: typeof httpGet, options: RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ agent: false, ...options }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      answer.on('end', () => resolve(text))
    }).on('error', reject)
  })
}

async function refusesConnections(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', () => resolve(true))
  })
}

describe('starting', () => {
  test('prints the address, what is allowed, and answers there', async () => {
    const { addresses, output, errors } = await start([files, ...free, '--allow-hash'])
    expect(addresses).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)])
    expect(output()).toContain(`Serving ${files}\n`)
    expect(output()).toContain('Allowed: read, hash\n')
    expect(errors()).toBe('')
    expect(await textOf(`${addresses[0]}/hello.txt`)).toBe('hello')
  })

  test('serves the current folder when no path is given', async () => {
    const { addresses } = await start(free, { folder: files })
    expect(await textOf(`${addresses[0]}/hello.txt`)).toBe('hello')
  })

  test('serves a single file', async () => {
    const { addresses } = await start([join(files, 'hello.txt'), ...free])
    expect(await textOf(`${addresses[0]}/`)).toBe('hello')
    expect(await textOf(`${addresses[0]}/hello.txt`)).toBe('hello')
    expect((await fetch(`${addresses[0]}/large.bin`)).status).toBe(404)
  })

  test('serves below a prefix and nowhere else', async () => {
    const { addresses } = await start([files, ...free, '--path-prefix', 'my/files'])
    expect(addresses[0]).toMatch(/:\d+\/my\/files$/)
    expect(await textOf(`${addresses[0]}/hello.txt`)).toBe('hello')
    expect(await textOf(`${addresses[0]}/api/v1/files/hello.txt`)).toBe('hello')
    expect((await fetch(new URL('/hello.txt', addresses[0]))).status).toBe(404)
  })

  test('takes settings from a file and the environment, and prefers what is typed', async () => {
    const config = join(base, 'filegate.yaml')
    writeFileSync(config, 'serve-path: files\nbind: 127.0.0.1\nport: 1\npath-prefix: file\nallow-hash: true\n')
    const variables = { FILEGATE_CONFIG: config, FILEGATE_PATH_PREFIX: 'environment', FILEGATE_PORT: '2' }
    const { addresses, output } = await start(['-p', '0'], { variables })
    expect(output()).toContain('Allowed: read, hash\n')
    expect(addresses[0]).toMatch(/\/environment$/)
    expect(await textOf(`${addresses[0]}/hello.txt`)).toBe('hello')
  })

  test('warns when everybody in the network can read', async () => {
    const { errors } = await start([files, '-b', '0.0.0.0', '-p', '0'])
    await vi.waitFor(() => expect(errors()).toMatch(/^filegate: warning: .*--auth.*\n$/), patience)
  })
})

describe.concurrent('not starting', () => {
  test.each([
    [['--prot', '1'], 2, 'there is no flag --prot, did you mean --port?'],
    [['missing-folder'], 1, 'there is no file or folder'],
    [['--config', 'missing.yaml'], 1, 'the config file cannot be read'],
    [['--auth', 'ann:secret'], 2, '--auth: rule 1:'],
    [['--tls-cert', 'a.pem', '--tls-key', 'b.pem'], 1, 'the TLS certificate cannot be read'],
    [['--log-file', 'missing/access.log'], 1, 'The log file cannot be opened'],
    [['-b', '192.0.2.1'], 1, 'this machine has no address 192.0.2.1'],
    [['-b', './missing/socket'], 1, 'socket'],
  ])('with %j ends with code %i and one clear line', async (args, code, message) => {
    const end = await run(args, { folder: base })
    expect(end).toMatchObject({ code, output: '' })
    expect(end.errors).toContain(message)
    expect(end.errors).toMatch(/^filegate: [^\n]+\n$/)
    expect(end.errors).not.toContain('secret')
  })

  test('because of a setting that does not exist', async () => {
    const config = join(base, 'bad.yaml')
    writeFileSync(config, 'prot: 1\n')
    const { code, errors } = await run(['-c', config])
    expect(code).toBe(2)
    expect(errors).toBe(`filegate: ${config}: there is no setting 'prot', did you mean 'port'?\n`)
  })

  test.each([['1'], ['2']])('because the port is taken, with %s process(es)', async (workers) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { code, errors } = await run([files, '-b', '127.0.0.1', '-p', String(port), '--workers', workers])
    expect(code).toBe(1)
    expect(errors).toMatch(/^filegate: port \d+ on 127\.0\.0\.1 is taken by another program[^\n]*\n$/)
    other.close()
  })
})

describe.concurrent('a certificate', () => {
  test.each([
    ['that is none', { certificate: 'x' }, 'holds no PEM certificate'],
    ['with a broken key', { key: 'x' }, 'holds no PEM private key'],
    ['with the key of another', { key: selfSigned().key }, 'does not belong to'],
  ])('%s is refused', async (what, spoiled, message) => {
    const pair = { ...selfSigned(), ...spoiled }
    const paths = [`${what}.crt`, `${what}.key`].map((name) => join(base, name))
    for (const [place, path] of paths.entries()) writeFileSync(path, place === 0 ? pair.certificate : pair.key)
    const [certificate = '', key = ''] = paths
    const { code, errors } = await run([files, ...free, '--tls-cert', certificate, '--tls-key', key])
    expect(code).toBe(1)
    expect(errors).toContain(message)
    expect(errors).toMatch(/^filegate: [^\n]+\n$/)
  })
})

describe.concurrent('questions', () => {
  test.each([
    [['--help'], /Usage: filegate/],
    [['--version'], /^filegate \d+\.\d+\.\d+\n$/],
    [['--completions', 'bash'], /complete -o filenames -F _filegate filegate/],
  ])('%j is answered', async (args, text) => {
    const { code, output, errors } = await run(args)
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output).toMatch(text)
  })
})

describe('TLS', () => {
  const write = (name: string) => {
    const { certificate, key } = selfSigned()
    const paths = { certificate: join(base, `${name}.crt`), key: join(base, `${name}.key`) }
    writeFileSync(paths.certificate, certificate)
    writeFileSync(paths.key, key)
    return { ...paths, text: certificate }
  }

  test('answers on https', async () => {
    const pair = write('one')
    const { addresses } = await start([files, ...free, '--tls-cert', pair.certificate, '--tls-key', pair.key])
    const { protocol, port } = new URL(addresses[0] ?? '')
    expect(protocol).toBe('https:')
    const options = { host: 'localhost', port, path: '/hello.txt', ca: pair.text, family: 4 }
    expect(await getWith(httpsGet, options)).toBe('hello')
  })

  test('takes a new certificate on SIGHUP, and keeps the old one when the new one is broken', async () => {
    const pair = write('renewed')
    const server = await start([files, ...free, '--tls-cert', pair.certificate, '--tls-key', pair.key])
    const port = Number(new URL(server.addresses[0] ?? '').port)
    const shown = async (): Promise<string> => {
      const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      return fingerprint256
    }
    const first = await shown()
    write('renewed')
    server.process.kill('SIGHUP')
    await vi.waitFor(async () => expect(await shown()).not.toBe(first), patience)
    const second = await shown()
    writeFileSync(pair.certificate, 'broken')
    server.process.kill('SIGHUP')
    await vi.waitFor(() => expect(server.errors()).toContain('holds no PEM certificate'), patience)
    expect(await shown()).toBe(second)
  })
})

describe.skipIf(process.platform === 'win32')('unix sockets', () => {
  const ask = (socketPath: string) => getWith(httpGet, { socketPath, path: '/hello.txt' })

  test('answer, and the file goes with the server', async () => {
    const path = join(base, 'one.sock')
    const server = await start([files, '-b', path])
    expect(server.addresses).toEqual([`unix:${path}`])
    expect(await ask(path)).toBe('hello')
    server.process.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  test('of a server that was killed is taken over, that of a living one is not', async () => {
    const path = join(base, 'two.sock')
    const killed = await start([files, '-b', path])
    killed.process.kill('SIGKILL')
    await killed.ended
    expect(existsSync(path)).toBe(true)
    await start([files, '-b', path])
    expect(await ask(path)).toBe('hello')
    const third = await run([files, '-b', path])
    expect(third).toMatchObject({ code: 1, errors: `filegate: another server listens on the socket ${path}\n` })
    expect(await ask(path)).toBe('hello')
  })

  test('never take the place of a file', async () => {
    const path = join(base, 'precious.sock')
    writeFileSync(path, 'precious')
    expect(await run([files, '-b', path])).toMatchObject({ code: 1 })
    expect(readFileSync(path, 'utf8')).toBe('precious')
  })

  test.runIf(process.platform === 'linux')('may be abstract', async () => {
    const name = `filegate-test-${process.pid}`
    await start([files, '-b', `@${name}`])
    expect(await ask(`\0${name}`)).toBe('hello')
  })

  test('are shared by workers', async () => {
    const path = join(base, 'three.sock')
    const server = await start([files, '-b', path, '--workers', '2'])
    expect(await ask(path)).toBe('hello')
    server.process.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
    expect(existsSync(path)).toBe(false)
  })
})

describe('ending', () => {
  test.each([['1'], ['2']])('lets a slow download finish, with %s process(es)', async (workers) => {
    const server = await start([files, ...free, '--workers', workers])
    const url = server.addresses[0] ?? ''
    const answer = await slowly(`${url}/large.bin`)
    server.process.kill('SIGTERM')
    await vi.waitFor(async () => expect(await refusesConnections(url)).toBe(true), patience)
    let received = 0
    for await (const piece of answer) received += Buffer.byteLength(piece)
    expect(received).toBe(large)
    expect((await server.ended).code).toBe(0)
  })

  test('does not wait for connections that only stand', async () => {
    const server = await start([files, ...free])
    const { hostname, port } = new URL(server.addresses[0] ?? '')
    const idle = connect(Number(port), hostname)
    await once(idle, 'connect')
    await textOf(`${server.addresses[0]}/hello.txt`)
    server.process.kill('SIGINT')
    expect((await server.ended).code).toBe(0)
    idle.destroy()
  })

  test('cuts a download off when the grace is over', async () => {
    const server = await start([files, ...free, '--grace', '1'])
    const answer = await slowly(`${server.addresses[0]}/large.bin`)
    server.process.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
    answer.on('error', () => {}).destroy()
  })

  test.each([
    ['1', 'SIGTERM', 143],
    ['2', 'SIGINT', 130],
  ] as const)('ends at once on the second signal, with %s process(es)', async (workers, signal, code) => {
    const server = await start([files, ...free, '--workers', workers])
    const answer = await slowly(`${server.addresses[0]}/large.bin`)
    answer.on('error', () => {})
    server.process.kill(signal)
    await vi.waitFor(async () => expect(await refusesConnections(server.addresses[0] ?? '')).toBe(true), patience)
    server.process.kill(signal)
    expect((await server.ended).code).toBe(code)
    answer.destroy()
  })
})

describe('workers', () => {
  const workerOf = async (url: string): Promise<number> => {
    const health: unknown = await (
      await fetch(`${url}/api/v1/files/health`, { headers: { connection: 'close' } })
    ).json()
    return typeof health === 'object' && health ? Number(Reflect.get(health, 'pid')) : 0
  }

  test('share one address, and one that dies is replaced', async () => {
    const server = await start([files, ...free, '--workers', '2'])
    const url = server.addresses[0] ?? ''
    expect(server.addresses).toHaveLength(1)
    const before = new Set<number>()
    await vi.waitFor(async () => {
      before.add(await workerOf(url))
      expect(before.size).toBe(2)
    }, patience)
    expect(before).not.toContain(server.process.pid)
    const [victim = 0] = before
    process.kill(victim, 'SIGKILL')
    await vi.waitFor(() => expect(server.errors()).toContain(`worker ${victim} was ended by SIGKILL`), patience)
    const after = new Set<number>()
    await vi.waitFor(async () => {
      after.add(await workerOf(url))
      expect(after.size).toBe(2)
    }, patience)
    expect(after).not.toContain(victim)
    server.process.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
  })

  test('do not outlive the first process', async () => {
    const server = await start([files, ...free, '--workers', '2'])
    expect(await workerOf(server.addresses[0] ?? '')).not.toBe(server.process.pid)
    server.process.kill('SIGKILL')
    // Workers have the same standard output, which is closed only when all of them are gone.
    expect((await server.ended).signal).toBe('SIGKILL')
  })
})

describe('log-in', () => {
  const basic = (login: string) => ({ authorization: `Basic ${Buffer.from(login).toString('base64')}` })

  test('asks strangers, lets accounts in by Basic and Bearer, and everybody where a rule says so', async () => {
    const { addresses } = await start([files, ...free, '-a', 'ann:pw@/:rw', '-a', '@/public'])
    const url = addresses[0] ?? ''
    const asked = await fetch(`${url}/hello.txt`)
    expect(asked.status).toBe(401)
    expect(asked.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
    expect(await asked.json()).toMatchObject({ success: false, code: 'UNAUTHENTICATED' })
    expect(await textOf(`${url}/hello.txt`, { headers: basic('ann:pw') })).toBe('hello')
    expect(await textOf(`${url}/hello.txt`, { headers: { authorization: 'Bearer pw' } })).toBe('hello')
    expect((await fetch(`${url}/hello.txt`, { headers: basic('ann:no') })).status).toBe(401)
    expect(await textOf(`${url}/public/open.txt`)).toBe('open')
    expect((await fetch(`${url}/public/open.txt`, { headers: basic('ann:no') })).status).toBe(401)
  })

  test('checks a hashed password in another thread', async () => {
    const hash =
      '$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/'
    const { addresses } = await start([files, ...free, '-a', `ann:${hash}@/`])
    expect(await textOf(`${addresses[0]}/hello.txt`, { headers: basic('ann:secret') })).toBe('hello')
    expect((await fetch(`${addresses[0]}/hello.txt`, { headers: basic('ann:other') })).status).toBe(401)
  })

  test('answers 429 to whoever keeps guessing, and goes on for who is logged in', async () => {
    const { addresses } = await start([files, ...free, '-a', 'ann:pw@/'])
    const url = `${addresses[0]}/hello.txt`
    expect(await textOf(url, { headers: basic('ann:pw') })).toBe('hello')
    const guesses = Array.from({ length: 40 }, (_, guess) => fetch(url, { headers: basic(`ann:${guess}`) }))
    const answers = await Promise.all(guesses)
    const last = answers.find(({ status }) => status === 429)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]))
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await textOf(url, { headers: basic('ann:pw') })).toBe('hello')
  })
})

describe('the access log', () => {
  test('goes to a file, names the user, keeps secrets, and is opened anew on SIGHUP', async () => {
    const log = join(base, 'access.log')
    const format = '$remote_user "$request" $status $http_authorization'
    const server = await start([files, ...free, '-a', 'ann:pw@/', '--log-file', log, '--log-format', format])
    const url = server.addresses[0] ?? ''
    const headers = { authorization: `Basic ${Buffer.from('ann:pw').toString('base64')}` }
    await textOf(`${url}/hello.txt?token=abc`, { headers })
    await textOf(`${url}/a%0Ab`)
    await vi.waitFor(
      () => expect(readFileSync(log, 'utf8')).toBe('ann "GET /hello.txt?token=***" 200 ***\n- "GET /a\\x0ab" 401 -\n'),
      patience,
    )
    renameSync(log, `${log}.1`)
    server.process.kill('SIGHUP')
    await vi.waitFor(() => expect(existsSync(log)).toBe(true), patience)
    await textOf(`${url}/hello.txt`, { headers, method: 'POST' })
    server.process.kill('SIGTERM')
    await server.ended
    expect(readFileSync(log, 'utf8')).toBe('- "POST /hello.txt" 405 ***\n')
    expect(server.output()).not.toContain('GET')
  })

  test('goes to standard output, and what waits is written at the end', async () => {
    const server = await start([files, ...free])
    await textOf(`${server.addresses[0]}/hello.txt`)
    server.process.kill('SIGTERM')
    const { output } = await server.ended
    expect(output).toMatch(/ INFO - 127\.0\.0\.1 "GET \/hello\.txt" 200\n$/)
  })
})
