import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
  folder = mkdtempSync(join(tmpdir(), 'filegate-oauth-import-'))
  vendor = await startOAuthVendor(client)
})
afterEach(async () => {
  await vendor.close()
  rmSync(folder, { recursive: true })
})

function filegate(...args: readonly string[]): Promise<{ readonly code: unknown; readonly output: string }> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('FILEGATE_'))
  const env = { ...Object.fromEntries(own), FILEGATE_DATA_DIR: join(folder, 'data') }
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=@filegate/source', main, ...args], { env }, (error, output) =>
      resolve({ code: error?.code ?? 0, output }),
    )
  })
}

const token = JSON.stringify({
  access_token: 'old',
  refresh_token: 'marker-of-another-client',
  expiry: '2020-01-01T00:00:00Z',
})
const remote = (...lines: readonly string[]): string =>
  ['[mine]', 'type = drive', `token_url = ${vendor.origin}/token`, `token = ${token}`, ...lines].join('\n')

describe('a remote of rclone whose token belongs to another client', () => {
  it('waits for a user where there is a client, and is refused where there is none', async () => {
    const path = join(folder, 'rclone.conf')
    writeFileSync(path, remote(`client_id = ${client.id}`, `client_secret = ${client.secret}`))
    const { code, output } = await filegate('import-rclone', path)
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/^mine: bnd_drive_\w+ \(once a user has allowed access\)$/m),
    ])
    expect(vendor.requests.map(({ outcome }) => outcome)).toEqual(['invalid_grant'])
    expect((await filegate('backends', 'list')).output).toContain('(pending)')
    writeFileSync(path, remote())
    const refused = await filegate('import-rclone', path)
    expect([refused.code, refused.output]).toEqual([1, expect.stringMatching(/^mine: failed, client_id: is needed/m)])
    expect(refused.output).not.toContain('marker')
  })
})
