import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/driver-s3/src/testing/emulator.ts'
import { holdPort } from '../simulators/held-port.ts'
import { serve, type Serving } from './serving.ts'

const scripts = fileURLToPath(new URL('../../docker', import.meta.url))
const run = (script: string, env: NodeJS.ProcessEnv) =>
  promisify(execFile)(process.execPath, [join(scripts, script)], { env })

describe('beside MinIO, as in compose.yaml', () => {
  let minio: Emulator
  let server: Serving
  beforeAll(async () => {
    minio = await startEmulator('demo')
    await minio.put('demo', 'hello.txt', Buffer.from('Hello from MinIO, through filegate.\n'))
    server = await serve({})
  })
  afterAll(async () => {
    await server.stop()
    await minio.close()
  })

  const connect = () =>
    run('connect-minio.mjs', {
      FILEGATE_URL: server.origin,
      PUBLISHED_URL: server.origin,
      MINIO_URL: `http://127.0.0.1:${minio.port}`,
      MINIO_ROOT_USER: 'filegate',
      MINIO_ROOT_PASSWORD: 'filegate-demo',
      NOTE_FILE: join(server.folder, 'minio-backend.txt'),
    })

  it('filegate is connected once, and the command that is printed reads a file', async () => {
    const { stdout } = await connect()
    const [, url = ''] = /curl '([^']+)'/.exec(stdout) ?? []
    expect(await (await fetch(url)).text()).toBe('Hello from MinIO, through filegate.\n')
    const id = await (await server.fetch('/minio-backend.txt')).text()
    expect(url).toContain(`?backend=${id.trim()}`)
    expect((await connect()).stdout).toBe(stdout)
    expect(await (await server.fetch('/api/v1/backends')).json()).toMatchObject({ count: 1 })
  })

  it('a MinIO that does not answer ends in a failure that says so', async () => {
    const other = await serve({})
    const failure = await run('connect-minio.mjs', {
      FILEGATE_URL: other.origin,
      MINIO_URL: 'http://127.0.0.1:1',
      MINIO_ROOT_USER: 'filegate',
      MINIO_ROOT_PASSWORD: 'filegate-demo',
      NOTE_FILE: join(other.folder, 'note.txt'),
    }).catch((error: unknown) => error)
    await other.stop()
    expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining('could not be reached') })
  })
})

describe('the health check of the image', () => {
  it('passes while the server answers, also under a prefix, and fails when it does not', async () => {
    const held = await holdPort()
    onTestFinished(held.release)
    const port = String(held.port)
    const listen = [{ host: '127.0.0.1', port: held.port }]
    const server = await serve({}, { pathPrefix: '/files', listen })
    await run('health.mjs', { FILEGATE_PORT: port, FILEGATE_PATH_PREFIX: '/files/' })
    await expect(run('health.mjs', { FILEGATE_PORT: port })).rejects.toMatchObject({ code: 1 })
    await server.stop()
    await expect(run('health.mjs', { FILEGATE_PORT: port })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ECONNREFUSED'),
    })
  })
})
