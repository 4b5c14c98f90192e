import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OAuthVendor, startOAuthVendor } from '../simulators/oauth-vendor/start-oauth-vendor.ts'

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))
const client = { id: 'app', secret: 'marker-secret' }

let folder: string
let vendor: OAuthVendor
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-authorize-'))
  vendor = await startOAuthVendor(client)
})
afterEach(async () => {
  await vendor.close()
  rmSync(folder, { recursive: true })
})

/** Starts `filegate authorize dropbox` at our vendor. */
function authorize(args: readonly string[], variables: Record<string, string> = {}) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('FILEGATE_'))
  const addresses = ['--auth-url', `${vendor.origin}/authorize`, '--option', `token_url=${vendor.origin}/token`]
  const child = spawn(
    process.execPath,
    ['--conditions=@filegate/source', main, 'authorize', 'dropbox', ...addresses, ...args],
    { env: { ...Object.fromEntries(own), FILEGATE_DATA_DIR: join(folder, 'data'), ...variables } },
  )
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (errors += piece))
  const output = text(child.stdout)
  const ended = once(child, 'close').then(([code]: number[]) => code)
  return {
    child,
    ended: async () => ({ code: await ended, output: await output, errors }),
    /** The address that it prints. */
    async page(): Promise<string> {
      for (;;) {
        const found = /^(http:\S+)\n\n/m.exec(errors)?.[1]
        if (found !== undefined) return found
        if (child.exitCode !== null) throw new Error(errors)
        await Promise.race([once(child.stderr, 'data'), ended])
      }
    },
  }
}

const secret = { FILEGATE_DROPBOX_CLIENT_SECRET: client.secret }
const backTo = async (page: string): Promise<string> =>
  (await fetch(page, { redirect: 'manual' })).headers.get('location') ?? ''

describe('filegate authorize', () => {
  it('waits on loopback for the browser, and prints the token and nothing else', async () => {
    const running = authorize(['--client-id', client.id], secret)
    const page = await running.page()
    const callback = await backTo(page)
    expect(callback).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?state=[\w-]{43}&code=/)
    const forged = new URL(callback)
    forged.searchParams.set('state', 'of somebody else')
    expect((await fetch(forged)).status).toBe(400)
    expect((await fetch(new URL('/favicon.ico', callback))).status).toBe(400)
    expect(await (await fetch(callback)).text()).toContain('Go back to the terminal')
    const { code, output, errors } = await running.ended()
    expect([code, JSON.parse(output)]).toEqual([
      0,
      {
        access_token: expect.stringContaining('marker-access'),
        token_type: 'Bearer',
        refresh_token: expect.stringContaining('marker-refresh'),
        expiry: expect.any(String),
      },
    ])
    expect(output.trimEnd()).not.toContain('\n')
    expect(errors).not.toContain('marker')
    expect(vendor.requests).toEqual([
      { grant: 'authorization_code', client: client.id, secret: client.secret, outcome: 'granted' },
    ])
  })

  it('takes the address pasted, where the browser is elsewhere, and the client from a secret on standard input else', async () => {
    const pasting = authorize(['--client-id', client.id, '--paste'], secret)
    const callback = await backTo(await pasting.page())
    expect(callback).toMatch(/^http:\/\/127\.0\.0\.1:53682\//)
    pasting.child.stdin.write('http://127.0.0.1:53682/?state=other&code=x\n')
    pasting.child.stdin.end(`\n${callback}\n`)
    const { code, output, errors } = await pasting.ended()
    expect([code, errors]).toEqual([0, expect.stringContaining('another state')])
    expect(output).toContain('marker-refresh')
    const piped = authorize(['--client-id', client.id, '--client-secret', '-'])
    piped.child.stdin.end(`${client.secret}\n`)
    await fetch(await backTo(await piped.page()))
    expect((await piped.ended()).code).toBe(0)
  })

  it('says what went wrong in one line, and prints no token', async () => {
    vendor.deny = true
    const denied = authorize(['--client-id', client.id], secret)
    await fetch(await backTo(await denied.page()))
    expect(await denied.ended()).toMatchObject({
      code: 1,
      output: '',
      errors: expect.stringContaining('access_denied'),
    })
    vendor.deny = false
    const wrong = authorize(['--client-id', client.id], { FILEGATE_DROPBOX_CLIENT_SECRET: 'wrong' })
    await fetch(await backTo(await wrong.page()))
    expect(await wrong.ended()).toMatchObject({
      code: 1,
      output: '',
      errors: expect.stringContaining('invalid_client'),
    })
    const others: readonly (readonly [readonly string[], string])[] = [
      [[], 'client_id: is needed'],
      [['--client-id', 'x', '--port', 'many'], '--port: takes a whole number'],
      [['--client-id', 'x', '--option', 'nope=1'], '--option takes'],
      [['--client-id', 'x', '--redirect-uri', 'https://other.example/'], 'use --paste'],
      [['--client-id', 'x', '--redirect-uri', 'http://127.0.0.1:53998/#back'], 'no # in it'],
      [['--client-id', 'x', '--client-secret', '-', '--paste'], 'standard input'],
    ]
    const ends = others.map(async ([args, message]) => {
      const running = authorize(args)
      running.child.stdin.end()
      const { code, output, errors } = await running.ended()
      expect([args, code === 0, output, errors]).toEqual([args, false, '', expect.stringContaining(message)])
    })
    await Promise.all(ends)
  })

  it('explains itself, and names the providers that it can do something for', async () => {
    expect(await authorize(['--help']).ended()).toMatchObject({ code: 0, output: expect.stringContaining('--paste') })
    const child = spawn(process.execPath, ['--conditions=@filegate/source', main, 'authorize', '--help'])
    expect(await text(child.stdout)).toMatch(/^ {2}dropbox /m)
  })
})

describe('filegate connect', () => {
  async function filegate(args: readonly string[], variables: Record<string, string> = {}) {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('FILEGATE_'))
    const child = spawn(process.execPath, ['--conditions=@filegate/source', main, ...args], {
      env: { ...Object.fromEntries(own), FILEGATE_DATA_DIR: join(folder, 'data'), ...variables },
    })
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { output, errors }
  }

  it('stores what waits for a user, and says where the user has to go', async () => {
    const { output, errors } = await filegate(['connect', 'dropbox'], { FILEGATE_OAUTH_CLIENT: 'dropbox=app' })
    expect(output).toMatch(/^bnd_(?:dropbox_)?[0-9a-f]{16}\n$/)
    expect(errors).toContain(`open /api/v1/backends/${output.trim()}/authorize of that server in a browser`)
    const [list, test, without] = await Promise.all([
      filegate(['backends']),
      filegate(['backends', 'test']),
      filegate(['connect', 'dropbox']),
    ])
    expect(list.output).toContain('(pending)')
    expect(test.output).toContain('failed  Nobody has allowed the backend')
    expect(without).toMatchObject({ output: '', errors: expect.stringContaining('--oauth-client dropbox=ID') })
  })
})
