import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'
import { readConfigFile } from './config-file.ts'
import { readEnvironment } from './environment.ts'
import { readSettings } from './read-settings.ts'

let folder: string
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-settings-')))
  mkdirSync(join(folder, 'files'))
  writeFileSync(join(folder, 'one.txt'), 'one')
  symlinkSync(join(folder, 'files'), join(folder, 'link'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function settings(args: readonly string[] = [], variables: NodeJS.ProcessEnv = {}, yaml?: string) {
  const file = join(folder, 'filegate.yaml')
  if (yaml !== undefined) writeFileSync(file, yaml)
  const places = [parseCommandLine(args, folder), readEnvironment(variables, folder)]
  return readSettings(yaml === undefined ? places : [...places, await readConfigFile(file)], {
    XDG_DATA_HOME: join(folder, 'data'),
    ...variables,
  })
}

describe('readSettings', () => {
  test('prefers what was typed to the environment, that to the file, and that to the default', async () => {
    const yaml = 'port: 1\npath-prefix: file\ncompress: high\nserve-path: files'
    const variables = { FILEGATE_PORT: '2', FILEGATE_PATH_PREFIX: 'environment' }
    expect(await settings(['-p', '3'], variables, yaml)).toMatchObject({
      listen: expect.arrayContaining([{ host: '127.0.0.1', port: 3 }]),
      pathPrefix: '/environment',
      compress: 'high',
      workers: 1,
      servedPath: join(folder, 'files'),
    })
  })

  test('--max-body-size takes bytes and units', async () => {
    const most = async (text: string) => (await settings(['files', `--max-body-size=${text}`])).maxBodySize
    expect([await most('500'), await most('1.5K'), await most('10G')]).toEqual([500, 1536, 10 * 1024 ** 3])
    expect((await settings(['files'])).maxBodySize).toBeUndefined()
    await expect(most('much')).rejects.toThrow('--max-body-size: takes a size such as 500M or 10G, not "much"')
  })

  test('a journal and a trash need a folder, and are refused for a single file', async () => {
    for (const flag of ['--allow-journal', '--trash']) {
      await expect(settings(['files', flag])).resolves.toBeDefined()
      await expect(settings(['one.txt', flag])).rejects.toThrow(`${flag} needs a folder to serve, not a file`)
    }
  })

  test('by default listens on loopback, reads only, and logs', async () => {
    const { listen, allow, accounts, logFormat } = await settings(['files'])
    expect(listen[0]).toEqual({ host: '127.0.0.1', port: 5000 })
    expect(Object.values(allow)).not.toContain(true)
    expect(accounts).toEqual([])
    expect(logFormat).toContain('$request')
  })

  test('--allow-all leaves out what asks for more trust, and single switches decide for themselves', async () => {
    expect((await settings(['files', '-A'])).allow).toEqual({
      upload: true,
      delete: true,
      search: true,
      symlink: true,
      archive: true,
      hash: true,
      grep: true,
      remote: false,
      journal: false,
      thumbnails: false,
      chmod: false,
      chown: false,
    })
    const { allow } = await settings(['files', '--no-allow-symlink', '--allow-thumbnails'], {}, 'allow-all: true')
    expect(allow).toMatchObject({ symlink: false, thumbnails: true, hash: true })
  })

  test('serves what a link leads to, and single files', async () => {
    expect((await settings(['link'])).servedPath).toBe(join(folder, 'files'))
    expect((await settings(['one.txt'])).servedPath).toBe(join(folder, 'one.txt'))
  })

  test.each([
    ['/files/', '/files'],
    ['a//b', '/a/b'],
    ['/', ''],
    ['', ''],
  ])('writes the path prefix %j as %j', async (typed, prefix) => {
    expect((await settings(['files', '--path-prefix', typed])).pathPrefix).toBe(prefix)
  })

  test('reads rules from the environment, joined', async () => {
    const { accounts } = await settings(['files'], { FILEGATE_AUTH: 'ann:pw@/:rw|@/public' })
    expect(accounts.map(({ user }) => user)).toEqual(['ann', undefined])
  })

  test.each([
    [['missing'], 1, 'there is no file or folder '],
    [['files', '--tls-cert', 'x'], 2, '--tls-cert needs --tls-key'],
    [['files', '--tls-key', 'x'], 2, '--tls-key needs --tls-cert'],
    [['files', '--assets', 'missing'], 1, '--assets: there is no folder '],
    [['files', '--data-dir', 'files/state'], 2, '--data-dir: '],
    [['files', '--data-dir', 'link/state'], 2, 'lies in the served folder'],
    [['files', '--path-prefix', 'a?b'], 2, "--path-prefix: takes letters, digits, '.', '_', '~', '-' and '/', not"],
    [['files', '--path-prefix', '../x'], 2, '--path-prefix: '],
    [['files', '--log-format', '$nothing'], 2, '--log-format: there is no variable $nothing'],
    [['files', '--bind', 'nowhere'], 2, "--bind: 'nowhere' is neither"],
    [['files', '--bind', ','], 2, '--bind: needs at least one address'],
    [['files', '-a', 'ann:secret'], 2, "-a: rule 1: needs '@/'"],
  ] as const)('refuses %j with exit code %i', async (args, exitCode, message) => {
    await expect(settings(args)).rejects.toMatchObject({ exitCode, message: expect.stringContaining(message) })
  })

  test('names the variable or the key of a wrong value', async () => {
    await expect(settings(['files'], { FILEGATE_PORT: 'x' })).rejects.toThrow('FILEGATE_PORT: takes')
    await expect(settings(['files'], { FILEGATE_AUTH: 'ann:secret' })).rejects.toThrow(
      "FILEGATE_AUTH: rule 1: needs '@/'",
    )
    await expect(settings(['files'], {}, 'auth: nonsense')).rejects.toThrow(/^'auth' in .*filegate\.yaml: rule 1: /)
  })

  test.runIf(process.platform === 'linux')(
    'keeps state in the folder of the user, or nowhere when that is served itself',
    async () => {
      const chosen = await settings(['files'])
      expect(chosen.dataDirectory).toBe(join(folder, 'data', 'filegate'))
      const served = await settings(['files'], { XDG_DATA_HOME: join(folder, 'files') })
      expect(served.dataDirectory).toBeUndefined()
      expect((await settings(['files', '--data-dir', 'state'])).dataDirectory).toBe(join(folder, 'state'))
    },
  )

  test('OAuth clients come from all places, their secrets from a variable or a file and never from the command line', async () => {
    writeFileSync(join(folder, 'dropbox.secret'), 'from a file\n')
    const variables = { FILEGATE_OAUTH_DROPBOX_SECRET: 'from a variable' }
    const { oauthClients: typed } = await settings(['files', '--oauth-client', 'dropbox=app'], variables)
    expect(typed).toEqual({ dropbox: { id: 'app', secret: 'from a variable' } })
    const yaml = 'serve-path: files\noauth-client: { dropbox: app=1 }\noauth-secret-file: { dropbox: dropbox.secret }'
    expect((await settings([], variables, yaml)).oauthClients).toEqual({
      dropbox: { id: 'app=1', secret: 'from a file', file: join(folder, 'dropbox.secret') },
    })
    const environment = { FILEGATE_OAUTH_CLIENT: 'dropbox=app, s3=other' }
    expect((await settings(['files'], environment)).oauthClients).toEqual({
      dropbox: { id: 'app', secret: '' },
      s3: { id: 'other', secret: '' },
    })
    expect((await settings(['files'])).oauthClients).toEqual({})
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [['--oauth-client=marker'], '--oauth-client: takes a provider and an ID, such as drive=ID'],
      [['--oauth-client', 'dropbox='], 'takes a provider and an ID'],
      [['--oauth-client', 'nope=app'], "there is no provider 'nope'"],
      [['--oauth-secret-file', 'dropbox=x'], 'dropbox has no client'],
      [['--oauth-client', 'dropbox=a', '--oauth-secret-file', 'dropbox=nowhere'], 'cannot be read'],
    ]
    for (const [args, message] of wrong) {
      await expect(settings(['files', ...args])).rejects.toThrow(message)
      await expect(settings(['files', ...args])).rejects.not.toThrow('marker')
    }
  })

  test('--public-url takes the address of a proxy, with a path and without a slash at its end', async () => {
    const url = async (text: string) => (await settings(['files', `--public-url=${text}`])).publicUrl
    expect([await url('https://files.example'), await url('https://files.example:8443/a/b//')]).toEqual([
      'https://files.example',
      'https://files.example:8443/a/b',
    ])
    for (const text of [
      'files.example',
      'ftp://files.example',
      'https://a:b@files.example',
      'https://files.example/?x',
    ]) {
      await expect(url(text)).rejects.toThrow('--public-url: takes an address')
    }
  })
})
