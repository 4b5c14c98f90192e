import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  type AzureFiles,
  type AzureFilesOptions,
  startAzureFiles,
} from '../simulators/azure-files/start-azure-files.ts'

// The simulator of Azure Files is judged here by Microsoft's client for Python, which knows neither it nor our driver.

const execute = promisify(execFile)
// Debian's own: another python3 that comes first in PATH does not see Debian's packages.
const python = '/usr/bin/python3'
const script = new URL('azure-files-client.py', import.meta.url).pathname

const missing = await execute(python, ['-c', 'import azure.storage.fileshare']).then(
  () => undefined,
  () => `${python} has no azure.storage.fileshare (apt-get install python3-azure-storage)`,
)
if (missing) console.log(`Skipped: Azure Files by Microsoft's client for Python, ${missing}`)

/** What a scenario of the script found, and what the service saw of it. */
async function play(scenario: string, options: AzureFilesOptions = {}, prepare?: (azure: AzureFiles) => void) {
  const azure = await startAzureFiles(options)
  try {
    prepare?.(azure)
    const { stdout } = await execute(python, [script, scenario, azure.endpoint, azure.account, azure.key])
    const found: unknown = JSON.parse(stdout)
    return { found, requests: azure.requests }
  } finally {
    await azure.close()
  }
}

describe.skipIf(missing)("Microsoft's client for Python on the simulator of Azure Files", () => {
  it('shares are created, listed in pages, described and deleted', async () => {
    const { found } = await play('shares')
    expect(found).toEqual({
      listed: [
        ['first', { colour: 'blue' }],
        ['second', {}],
      ],
      paged: [['first'], ['second']],
      quota: [7, 9],
      metadata: [{ colour: 'blue' }, { colour: 'red' }],
      twice: [409, 'ShareAlreadyExists'],
      'bad name': [400, 'InvalidResourceName'],
      missing: [404, 'ShareNotFound'],
      left: ['second'],
    })
  })

  it('directories are created, listed whatever the case of their name, and deleted when empty', async () => {
    const { found } = await play('directories')
    expect(found).toEqual({
      entries: [
        ['in ner & ü', true, null],
        ['a.txt', false, 5],
        ['b.txt', false, 5],
        ['C.txt', false, 5],
      ],
      prefix: ['C.txt'],
      'other case': ['in ner & ü', 'a.txt', 'b.txt', 'C.txt'],
      metadata: { one: '1' },
      exists: [true, false],
      twice: [409, 'ResourceAlreadyExists'],
      'no parent': [404, 'ParentNotFound'],
      'list missing': [404, 'ResourceNotFound'],
      'not empty': [409, 'DirectoryNotEmpty'],
      deleted: null,
    })
  })

  it('files are uploaded in ranges with their hashes, read in ranges, resized, described and deleted', async () => {
    const { found, requests } = await play('files')
    expect(found).toEqual({
      same: true,
      empty: ['', 0],
      size: 9_500_000,
      type: 'image/png',
      hash: 'mKR76oV78MZIhqrpqaghtA==',
      'expected hash': 'mKR76oV78MZIhqrpqaghtA==',
      metadata: { one: '1' },
      part: true,
      ranges: [
        [0, 511],
        [5_368_709_120, 5_368_709_631],
      ],
      resized: 'yyy',
      time: '2001-02-03T04:05:06.000789',
      headers: ['text/plain', 'no-cache'],
      cleared: ['application/octet-stream', 'de'],
      'past the end': [416, 'InvalidRange'],
      'too large': [413, 'RequestBodyTooLarge'],
      'read past the end': [416, 'InvalidRange'],
      missing: [404, 'ResourceNotFound'],
      deleted: null,
      gone: [404, 'ResourceNotFound'],
    })
    expect(requests.filter(({ operation, status }) => operation === 'Put Range' && status === 201)).toHaveLength(7)
  })

  it('files are copied, renamed over others and filled from a URL, directories renamed', async () => {
    const { found } = await play('moves')
    expect(found).toEqual({
      'copy status': 'success',
      copied: 'content',
      'copied metadata': { kept: 'yes' },
      'nothing to abort': [409, 'NoPendingCopyOperation'],
      taken: [409, 'ResourceAlreadyExists'],
      replaced: 'content',
      source: [404, 'ResourceNotFound'],
      moved: ['copy.txt', 'taken.txt'],
      'from url': 'content',
    })
  })

  it('a copy that takes its time is pending until it has ended or is aborted', async () => {
    const { found } = await play('pending', { copyDelay: 2 })
    expect(found).toEqual({
      started: 'pending',
      states: ['pending', 'success', 'success'],
      content: 'content',
      aborted: 'aborted',
      'aborted size': 0,
    })
  })

  it('a leased file is written by the holder of the lease only', async () => {
    const { found } = await play('leases')
    expect(found).toEqual({
      state: 'leased',
      without: [412, 'LeaseIdMissing'],
      twice: [409, 'LeaseAlreadyPresent'],
      with: null,
      released: null,
    })
  })

  it('another key and another account are refused', async () => {
    const { found } = await play('keys')
    expect(found).toEqual({
      'wrong key': [403, 'AuthenticationFailed'],
      'wrong account': [403, 'AuthenticationFailed'],
    })
  })

  it('shared access signatures give what they say and no more', async () => {
    const { found } = await play('signatures')
    expect(found).toEqual({
      share: 'content',
      listed: ['file.txt'],
      'not to write': [403, 'AuthorizationPermissionMismatch'],
      expired: [403, 'AuthenticationFailed'],
      tampered: [403, 'AuthenticationFailed'],
      single: 'content',
      'another file': [403, 'AuthenticationFailed'],
      account: 'content',
      'account writes': null,
      'not to delete': [403, 'AuthorizationPermissionMismatch'],
      'no containers': [403, 'AuthorizationResourceTypeMismatch'],
      shares: ['signatures'],
      'https only': [403, 'AuthorizationProtocolMismatch'],
      elsewhere: [403, 'AuthorizationSourceIPMismatch'],
      here: 'content',
    })
  })

  it('a throttled client tries again', async () => {
    const { found, requests } = await play('throttled', {}, (azure) => azure.refuse(1, { retryAfter: 1 }))
    expect(found).toEqual({ name: 'throttled' })
    expect(requests.map(({ error }) => error)).toEqual(['ServerBusy', undefined, undefined])
  })
})
