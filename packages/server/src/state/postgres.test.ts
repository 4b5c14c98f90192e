import { createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { addressWithin, describeDatabaseUrl, parseDatabaseUrl } from './database-url.ts'
import { openPostgres } from './postgres-database.ts'

const secret = 'p%40ss%2Fword'

describe('the address of a database', () => {
  it('is taken as libpq takes it, and anything else is refused without being repeated', () => {
    for (const url of [
      'postgres://h/d',
      `postgresql://u:${secret}@h:1/d?sslmode=require`,
      'postgres:///d?host=/run/pg',
    ]) {
      expect(parseDatabaseUrl(url)).toBe(url)
    }
    for (const wrong of [`mysql://u:${secret}@h/d`, `u:${secret}@h/d`, '', 5, undefined, [secret]]) {
      const refused = (): string => parseDatabaseUrl(wrong)
      expect(refused).toThrow('postgres://user:password@host:5432/name')
      expect(refused).not.toThrow(secret)
    }
  })

  it('is shown without what is secret in it', () => {
    const shown = describeDatabaseUrl(`postgres://ann:${secret}@db.example:5433/files?password=${secret}`)
    expect(shown).toBe('postgres://ann@db.example:5433/files')
  })

  it('keeps the options that it has beside ours', () => {
    const url = new URL(addressWithin('postgres://h/d?options=-c%20work_mem%3D8MB&application_name=mine', 'filegate'))
    expect(url.searchParams.get('options')).toMatch(/^-c work_mem=8MB .*-c search_path=filegate$/)
    expect(url.searchParams.get('application_name')).toBe('mine')
  })
})

describe('a database that cannot be used', () => {
  const opened = (port: number): Promise<unknown> =>
    openPostgres({ url: `postgres://ann:${secret}@127.0.0.1:${port}/files`, schema: 's', migrations: {}, patience: 0 })

  it('is named without its password, with what to look at', async () => {
    const error = await opened(1).catch((error: unknown) => error)
    expect(String(error)).toContain('postgres://ann@127.0.0.1:1/files cannot be used: connect ECONNREFUSED')
    expect(String(error)).toContain('See that PostgreSQL runs there')
    expect(String(error)).not.toContain(secret)
    expect(String(error)).not.toContain(decodeURIComponent(secret))
  })

  it('is told from one that refuses the password', async () => {
    const refusal = Buffer.from('SFATAL\0C28P01\0Mpassword authentication failed for user "ann"\0\0')
    const head = Buffer.alloc(5)
    head.write('E')
    head.writeUInt32BE(refusal.length + 4, 1)
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.once('data', () => socket.end(Buffer.concat([head, refusal])))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    try {
      await expect(opened(port)).rejects.toThrow(/authentication failed .* right user, password and database/s)
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  })
})
