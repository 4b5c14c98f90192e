import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'

export interface ReadingWays {
  /** Asks for a path on the backend. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>
  /** Of `Photos/file.txt`: lines that say `line 0 of the file` and so on. */
  readonly content: Buffer
  /** Another spelling of `Photos/file.txt`, where case is ignored. */
  readonly alias?: string | undefined
}

/**
 * Every way to read, on a backend that holds `Photos/file.txt`, `Photos/other.txt` with a needle, and `box.zip` with `a.txt` and
 * `inside/a.txt`.
 */
export function itReadsInEveryWay({ ask, content, alias = 'Photos/file.txt' }: ReadingWays): void {
  it('are read whole, in a range, in several and on condition, whatever the case of their names', async () => {
    const whole = await ask(alias)
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true)
    const etag = whole.headers.get('etag') ?? ''
    const part = await ask('Photos/file.txt', { headers: { range: 'bytes=1000-1999' } })
    expect([part.status, await part.text()]).toEqual([206, content.subarray(1000, 2000).toString()])
    const last = await ask('Photos/file.txt', { headers: { range: 'bytes=-5' } })
    expect([last.status, await last.text()]).toEqual([206, content.subarray(-5).toString()])
    const several = await ask('Photos/file.txt', { headers: { range: 'bytes=0-4,100-104' } })
    expect([several.status, several.headers.get('content-type')]).toEqual([206, expect.stringContaining('byteranges')])
    await several.arrayBuffer()
    const beyond = await ask('Photos/file.txt', { headers: { range: `bytes=${content.length}-` } })
    expect(beyond.status).toBe(416)
    const same = await ask('Photos/file.txt', { headers: { 'if-none-match': etag } })
    expect(same.status).toBe(304)
    const other = await ask('Photos/file.txt', { headers: { 'if-match': '"other"' } })
    expect(other.status).toBe(412)
  })

  it('are shown in every other way', async () => {
    expect(await (await ask('Photos/file.txt?lines=100-101')).text()).toBe(
      'line 99 of the file\nline 100 of the file\n',
    )
    const hash = createHash('sha256').update(content).digest('hex')
    expect(await (await ask('Photos/file.txt?hash')).json()).toMatchObject({ hash })
    expect(await (await ask('Photos/other.txt?base64')).json()).toMatchObject({
      base64: Buffer.from('a needle in another file\n').toString('base64'),
    })
    expect(await (await ask('Photos?grep=needle')).json()).toMatchObject({ total_matches: 1 })
    expect(await (await ask('?glob=**/*.txt')).text()).toContain('Photos/other.txt')
    const zip = Buffer.from(await (await ask('Photos?zip')).arrayBuffer())
    expect([zip.subarray(0, 2).toString(), zip.includes('file.txt')]).toEqual(['PK', true])
    expect(await (await ask('box.zip?preview')).text()).toContain('a.txt')
    expect(await (await ask('box.zip?preview=inside/a.txt')).text()).toContain('packed')
    expect(await (await ask('Photos/file.txt?stat')).json()).toMatchObject({ size: content.length })
  })
}
