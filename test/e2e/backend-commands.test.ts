import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/driver-s3/src/testing/emulator.ts'
import { killStarted, start, type Started } from './command-line.ts'

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))

let emulator: Emulator
let folder: string
let endpoint: string
beforeAll(async () => {
  emulator = await startEmulator('photos')
  await emulator.put('photos', 'cat.txt', Buffer.from('meow'))
  endpoint = `http://127.0.0.1:${emulator.port}`
})
afterAll(() => emulator.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-commands-'))
  mkdirSync(join(folder, 'served'))
})
afterEach(async () => {
  await killStarted()
  rmSync(folder, { recursive: true })
})

/** Runs the program with our data folder to its end. */
async function filegate(args: readonly string[], variables: Record<string, string> = {}, input = '') {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('FILEGATE_'))
  const child = spawn(process.execPath, ['--conditions=@filegate/source', main, ...args], {
    env: { ...Object.fromEntries(own), FILEGATE_DATA_DIR: join(folder, 'data'), ...variables },
  })
  child.stdin.end(input)
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: Number(code), output, errors }
}

const keys = ['--provider', 'Minio', '--access-key-id', 'any']
const secret = { FILEGATE_S3_SECRET_ACCESS_KEY: 'marker-secret' }

describe('filegate connect', () => {
  it('connects for the servers that run on the same state, and for every process of one', async () => {
    const state = ['--allow-remote', '--data-dir', join(folder, 'data')]
    const serverArguments = [join(folder, 'served'), '-b', '127.0.0.1', '-p', '0', ...state]
    const [one, several] = await Promise.all([start(serverArguments), start([...serverArguments, '--workers', '2'])])
    const { code, output, errors } = await filegate(['connect', 's3', '--endpoint', endpoint, ...keys], secret)
    expect([code, output]).toEqual([0, expect.stringMatching(/^bck_[0-9a-f]{16}\n$/)])
    expect(errors).not.toContain('marker')
    const id = output.trim()
    const read = async ({ addresses }: Started): Promise<string> =>
      (await fetch(`${addresses[0]}/api/v1/files/photos/cat.txt?backend=${id}`)).text()
    expect([await read(one), await read(several), await read(several)]).toEqual(['meow', 'meow', 'meow'])
    expect(await filegate(['backends', 'remove', id])).toMatchObject({ code: 0 })
    expect(await read(one)).toContain('BACKEND_NOT_FOUND')
    expect(await read(several)).toContain('BACKEND_NOT_FOUND')
    const files = readdirSync(join(folder, 'data')).map((name) => readFileSync(join(folder, 'data', name), 'latin1'))
    expect(files.join()).not.toContain('marker')
  })

  it('takes a secret from standard input, and warns of one that was typed', async () => {
    const args = ['connect', 's3', '--endpoint', endpoint, ...keys, '--secret-access-key']
    const [piped, typed] = await Promise.all([
      filegate([...args, '-'], {}, 'marker-secret\n'),
      filegate([...args, 'marker-secret']),
    ])
    expect([piped.code, piped.errors]).toEqual([0, expect.not.stringContaining('can be seen')])
    expect(typed).toMatchObject({ code: 0, errors: expect.stringContaining('FILEGATE_S3_SECRET_ACCESS_KEY') })
    expect(typed.errors).not.toContain('marker')
  })

  it('says in one line what is wrong, and stores nothing', async () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [['connect', 'nope'], 'the providers are: '],
      [['connect', 's3', '--endpiont', 'x'], 'did you mean --endpoint?'],
      [['connect', 's3', '--list-chunk', 'many', '--endpoint', 'x'], 'list_chunk: must be'],
      [['connect', 's3', '--endpoint', 'http://127.0.0.1:1', ...keys], ''],
      [['backends', 'frobnicate'], 'only list, test, remove'],
      [['backends', 'remove', 'bck_0'], 'Backend not found: bck_0'],
    ]
    const ends = await Promise.all(
      wrong.map(async ([args, message]) => ({ args, message, ...(await filegate(args, secret)) })),
    )
    for (const { args, message, code, output, errors } of ends) {
      expect([args, code === 0, output]).toEqual([args, false, ''])
      expect(errors).toMatch(/^filegate: [^\n]+\n$/)
      expect(errors).toContain(message)
    }
    expect((await filegate(['backends'])).output).toBe('No backend is connected.\n')
  })

  it('lists the providers and the options of one', async () => {
    const [providers, options] = await Promise.all([
      filegate(['connect', '--help']),
      filegate(['connect', 's3', '--help']),
    ])
    expect(providers).toMatchObject({ code: 0, output: expect.stringMatching(/^ {2}s3 /m) })
    expect(options).toMatchObject({ code: 0, output: expect.stringContaining('--secret-access-key <text>') })
  })
})

describe('filegate backends', () => {
  it('lists, tests and removes', async () => {
    const id = (await filegate(['connect', 's3', '--endpoint', endpoint, ...keys], secret)).output.trim()
    const [list, asJson, test, otherKey] = await Promise.all([
      filegate(['backends']),
      filegate(['backends', 'list', '--json']),
      filegate(['backends', 'test']),
      filegate(['backends'], { FILEGATE_SECRET_KEY: 'another passphrase than before' }),
    ])
    expect(list.output).toContain(`${id}  Amazon S3`)
    expect(JSON.parse(asJson.output)).toMatchObject([{ id, server: endpoint }])
    expect(test).toMatchObject({ code: 0, output: expect.stringMatching(`^${id}  ok `) })
    expect(otherKey.output).toContain('sealed with another key')
    expect((await filegate(['backends', 'remove', id])).code).toBe(0)
    expect((await filegate(['backends'])).output).toBe('No backend is connected.\n')
  })
})

describe('filegate import-rclone', () => {
  const configured = (content: string): string => {
    const path = join(folder, 'rclone.conf')
    writeFileSync(path, content)
    return path
  }
  const minio = (): string =>
    `[minio]\ntype = s3\nprovider = Minio\nendpoint = ${endpoint}\naccess_key_id = any\nsecret_access_key = marker-secret\nchunk_size = 8192\nbogus = 1\n`

  it('connects what it can, and says what became of the rest', async () => {
    const path = configured(
      `${minio()}[secret]\ntype = crypt\nremote = minio:x\n[dead]\ntype = s3\nendpoint = http://127.0.0.1:1\n`,
    )
    const { code, output } = await filegate(['import-rclone', path])
    const lines = output.split('\n')
    expect(code).toBe(1)
    expect(lines[0]).toMatch(/^minio: bck_[0-9a-f]{16} \(without bogus, /)
    expect(lines[1]).toBe("secret: left out, there is no provider for 'crypt' here")
    expect(lines[2]).toMatch(/^dead: failed, /)
    expect(output).not.toContain('marker')
    const [backend] = JSON.parse((await filegate(['backends', '--json'])).output)
    expect(backend).toMatchObject({ server: endpoint, description: 'minio, imported from rclone' })
  })

  it('connects only what was asked for', async () => {
    const path = configured(`${minio()}[secret]\ntype = crypt\n`)
    expect(await filegate(['import-rclone', path, '--only', 'minio:'])).toMatchObject({ code: 0 })
    expect(await filegate(['import-rclone', path, '--only', 'nope'])).toMatchObject({
      code: 2,
      errors: expect.stringContaining("no remote 'nope'"),
    })
  })

  it('says of an encrypted configuration what to do', async () => {
    const { code, errors } = await filegate(['import-rclone', configured('RCLONE_ENCRYPT_V0:\nabc\n')])
    expect([code, errors]).toEqual([1, expect.stringContaining('rclone config show')])
  })
})
