import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Dropbox, startDropbox } from '../simulators/dropbox/start-dropbox.ts'
import { startHttpsProxy } from '../simulators/https-proxy/start-https-proxy.ts'

// The simulator of Dropbox is judged here by the vendor's client for Python, which checks answers against its own types.

const execute = promisify(execFile)
// Debian's own: another python3 that comes first in PATH does not see Debian's packages.
const python = '/usr/bin/python3'
const script = new URL('dropbox-python.py', import.meta.url).pathname

const missing = await execute(python, ['-W', 'ignore', '-c', 'import dropbox']).then(
  () => undefined,
  () => `${python} has no dropbox (apt-get install python3-dropbox)`,
)
if (missing) console.log(`Skipped: Dropbox by the vendor's client for Python, ${missing}`)

async function play(dropbox: Dropbox, given: Readonly<Record<string, string>>): Promise<unknown> {
  const proxy = await startHttpsProxy({ routes: dropbox.routes })
  try {
    const env = { ...process.env, HTTPS_PROXY: proxy.url, REQUESTS_CA_BUNDLE: proxy.caFile, NO_PROXY: '' }
    const { stdout } = await execute(python, ['-W', 'ignore', script, proxy.caFile, JSON.stringify(given)], { env })
    return JSON.parse(stdout)
  } finally {
    await proxy.close()
    await dropbox.close()
  }
}

describe.skipIf(missing)("Dropbox's client for Python on the simulator of Dropbox", () => {
  it('reads, writes, follows changes, shares, logs in, and is refused in words that it knows', async () => {
    const dropbox = await startDropbox({ limits: { longpollSecond: 10 } })
    dropbox.addPaper('/Notes.paper', new Map([['markdown', Buffer.from('notes')]]))
    dropbox.addSharedFolder('Work', '84528192421')
    dropbox.addReceivedFile('theirs.txt', Buffer.from('theirs'))
    const revoked = dropbox.issueToken().refreshToken
    dropbox.revoke(revoked)
    dropbox.fail({ route: 'users/get_space_usage', with: 'too_many_requests', retryAfter: 9, skip: 1 })
    const found = await play(dropbox, {
      token: dropbox.issueToken().accessToken,
      limited: dropbox.issueToken({ scopes: ['account_info.read'] }).accessToken,
      revoked,
      key: dropbox.app.key,
      secret: dropbox.app.secret,
    })
    expect(found).toEqual({
      files: {
        times: [true, true, true],
        recursive: ['FileMetadata', 'FolderMetadata', 'FileMetadata', 'FolderMetadata'],
        read: [11, 'hello again'],
        part: 'hello',
        changes: [
          'DeletedMetadata /Földer',
          'FileMetadata /copy',
          'FileMetadata /moved/emoji 😀.txt',
          'FolderMetadata /moved',
          'FolderMetadata /moved/empty',
        ],
        polled: true,
        revisions: 3,
        deleted: 'DeletedMetadata',
        exported: ['Notes.markdown', 'notes'],
      },
      uploads: {
        wrong: ['api', 'incorrect_offset'],
        whole: 13,
        missing: ['api', 'concurrent_session_missing_data'],
        batch: ['batch', 'path/disallowed_name'],
      },
      sharing: {
        kind: [true, 'public'],
        known: true,
        links: 1,
        read: ['whole', 'one two three'],
        folders: ['Work'],
        mounted: '/work',
        twice: ['api', 'already_mounted'],
        received: [['theirs.txt', 'viewer']],
      },
      refusals: {
        nothing: ['api', 'path/not_found'],
        taken: ['api', 'path/conflict/file'],
        name: ['api', 'path/malformed_path'],
        folder: ['api', 'path/not_file'],
        paper: ['api', 'unsupported_file'],
        root: ['input', expect.stringContaining('Specify the root folder as an empty string')],
        cursor: ['input', expect.stringContaining('Invalid "cursor" parameter')],
        token: ['auth', 'invalid_access_token'],
        scope: ['auth', 'missing_scope'],
        namespace: ['root', 'no_permission'],
      },
      accounts: { account: ['franz@example.com', 'UserRootInfo', 'basic'], space: [true, true] },
      login: {
        scope: 'account_info.read files.metadata.read',
        account: true,
        revoked: expect.anything(),
      },
      limited: ['rate', 'too_many_requests', 9],
    })
  })

  it('acts for members of a team, below the root of the team', async () => {
    const dropbox = await startDropbox({ team: true })
    dropbox.addMember('tami@example.com')
    expect(await play(dropbox, { team: dropbox.issueToken({ team: true }).accessToken })).toEqual({
      team: {
        root: ['TeamRootInfo', '/Tami Ferdinand'],
        inside: ['Franz Ferdinand', 'Tami Ferdinand'],
        path: '/tami ferdinand/hers',
        gone: ['root', 'invalid_root'],
        nobody: ['auth', 'invalid_select_user'],
      },
    })
  })
})
