// Part of compose.yaml: connects filegate to the MinIO beside it, once, and prints the command that reads a file out of it.
// The number of the connection is also left in the served folder, where the command of the README finds it.
import { readFile, writeFile } from 'node:fs/promises'

const { FILEGATE_URL, PUBLISHED_URL, MINIO_ROOT_USER, MINIO_ROOT_PASSWORD } = process.env
const noteFile = '/files/minio-backend.txt'

async function ask(path, init) {
  const response = await fetch(`${FILEGATE_URL}/api/v1/${path}`, init)
  return { ok: response.ok, answer: await response.json() }
}

/** The connection that an earlier start made, if it is still there. */
async function existing() {
  const id = await readFile(noteFile, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
  return id && (await ask(`backends/${id}`)).ok ? id : undefined
}

async function connect() {
  const options = {
    provider: 'Minio',
    endpoint: 'http://minio:9000',
    access_key_id: MINIO_ROOT_USER,
    secret_access_key: MINIO_ROOT_PASSWORD,
    region: 'us-east-1',
  }
  const { ok, answer } = await ask('backends/s3', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(options),
  })
  if (!ok) throw new Error(answer.error)
  await writeFile(noteFile, `${answer.data.id}\n`)
  return answer.data.id
}

const id = (await existing()) ?? (await connect())
console.log(`filegate is connected to MinIO. Read a file out of it:

  curl '${PUBLISHED_URL}/api/v1/files/demo/hello.txt?backend=${id}'
`)
