import { createHash } from 'node:crypto'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { collectBytes, openDriver, parsePath, requireMethods, root, streamBytes, walk } from '@filegate/core'
import { azurefiles } from '@filegate/driver-azure'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AzureFiles, startAzureFiles } from '../simulators/azure-files/start-azure-files.ts'

const execute = promisify(execFile)
// Debian's own: another python3 that comes first in PATH does not see Debian's packages.
const python = '/usr/bin/python3'
const script = new URL('azure-files-interop.py', import.meta.url).pathname

const missing = await execute(python, ['-c', 'import azure.storage.fileshare']).then(
  () => undefined,
  () => `${python} has no azure.storage.fileshare (apt-get install python3-azure-storage)`,
)
if (missing) console.log(`Skipped: Azure Files shared with Microsoft's client for Python, ${missing}`)

/** Names here, and what they are at the service. */
const names: readonly (readonly [ours: string, stored: string])[] = [
  ['plain.txt', 'plain.txt'],
  ['two words & more', 'two words & more'],
  ['100%.txt', '100%.txt'],
  ['a+b=c#d.txt', 'a+b=c#d.txt'],
  ['%41 stays', '%41 stays'],
  ['café 漢字 😀', 'café 漢字 😀'],
  [' begins with a space', ' begins with a space'],
  ['[brackets] {braces}', '[brackets] {braces}'],
  ['colon: question?', 'colon： question？'],
  ['back\\slash|pipe*', 'back＼slash｜pipe＊'],
  ['"quoted" <tag>', '＂quoted＂ ＜tag＞'],
  ['right dot.', 'right dot．'],
]
const second = 1_600_000_000
/** More than a request may bring. */
const large = Buffer.alloc(9_000_001, 'the quick brown fox ')

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

describe.skipIf(missing !== undefined)("Azure Files, shared with Microsoft's client for Python", () => {
  let azure: AzureFiles
  beforeAll(async () => {
    azure = await startAzureFiles({ shares: ['theirs', 'ours'] })
  })
  afterAll(() => azure.close())

  async function connected(share: string) {
    const { endpoint, account, key } = azure
    const driver = await openDriver(azurefiles, { endpoint, account, key, share_name: share })
    return requireMethods(driver, 'write', 'copy', 'move', 'remove', 'setModified', 'hash')
  }
  async function run(mode: 'write' | 'tell', share: string, input = ''): Promise<string> {
    const { endpoint, account, key } = azure
    const child = spawn(python, [script, mode, endpoint, account, key, share], { stdio: ['pipe', 'pipe', 'inherit'] })
    // One that ends before it has read everything says why by itself.
    child.stdin.on('error', () => undefined).end(input)
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect(code).toBe(0)
    return output
  }

  it('names, bytes, types, times and MD5s that it wrote are read here', async () => {
    const small = names.map(([, stored], place) => ({
      path: `some folder/${stored}`,
      content: Buffer.from(`content of ${stored}`).toString('base64'),
      modified: second + place,
      type: 'text/csv',
    }))
    const other = { modified: second, type: 'application/octet-stream' }
    const whole = [
      ...small,
      { path: 'large.bin', content: large.toString('base64'), ...other },
      { path: 'deep/er/empty.bin', content: '', ...other },
    ]
    await run('write', 'theirs', JSON.stringify(whole))
    const driver = await connected('theirs')
    const { items } = await driver.list(parsePath('some folder'))
    expect(items.map(({ name }) => name).sort()).toEqual(names.map(([ours]) => ours).sort())
    for (const [place, [ours, stored]] of names.entries()) {
      const { entry, body } = await driver.read(parsePath(`some folder/${ours}`))
      const content = Buffer.from(`content of ${stored}`)
      expect(await new Response(body).text()).toBe(content.toString())
      expect(entry).toMatchObject({
        size: content.length,
        modified: (second + place) * 1000,
        contentType: 'text/csv',
        hashes: { md5: md5(content) },
      })
    }
    const { body } = await driver.read(parsePath('large.bin'), { range: { start: 4_000_000, end: 9_000_001 } })
    expect(Buffer.compare(await collectBytes(body), large.subarray(4_000_000))).toBe(0)
    expect(await driver.hash(parsePath('large.bin'), { algorithm: 'md5' })).toBe(md5(large))
    expect(await driver.stat(parsePath('deep/er/empty.bin'))).toMatchObject({ size: 0, modified: second * 1000 })
    await driver.close?.()
  })

  it('names, bytes, types, times and MD5s that were written here are read by it', async () => {
    const driver = await connected('ours')
    for (const [place, [ours]] of names.entries()) {
      const body = streamBytes(Buffer.from(`by filegate: ${ours}`))
      const options = { modified: (second + place) * 1000 + 250, contentType: 'text/csv' }
      await driver.write(parsePath(`a+b c/${ours}`), { body, ...options })
    }
    await driver.write(parsePath('known.bin'), { body: streamBytes(large), size: large.length })
    await driver.write(parsePath('unknown.bin'), { body: streamBytes(large) })
    await driver.write(parsePath('empty.bin'), { body: streamBytes(new Uint8Array()) })
    await driver.copy(parsePath('a+b c/plain.txt'), { destination: parsePath('copies/plain.txt') })
    await driver.move(parsePath('unknown.bin'), { destination: parsePath('moved/large.bin') })
    await driver.setModified(parsePath('known.bin'), { modified: second * 1000 })
    await driver.remove(parsePath('empty.bin'))

    const told: unknown = JSON.parse(await run('tell', 'ours'))
    const small = names.map(([ours, stored], place) => {
      const content = Buffer.from(`by filegate: ${ours}`)
      return {
        path: `a+b c/${stored}`,
        content: content.toString('base64'),
        modified: second + place + 0.25,
        type: 'text/csv',
        md5: md5(content),
        listed: content.length,
      }
    })
    const copied = { ...small.find(({ path }) => path === 'a+b c/plain.txt'), path: 'copies/plain.txt' }
    const whole = { content: large.toString('base64'), md5: md5(large), listed: large.length }
    const known = expect.objectContaining({ ...whole, path: 'known.bin', modified: second })
    const moved = expect.objectContaining({ ...whole, path: 'moved/large.bin' })
    expect(told).toEqual(expect.arrayContaining([...small, copied, known, moved]))
    expect(told).toHaveLength(small.length + 3)
    const seen: string[] = []
    for await (const { kind, path } of walk(driver, root)) if (kind === 'file') seen.push(path)
    expect(seen).toHaveLength(small.length + 3)
    await driver.close?.()
  })
})
