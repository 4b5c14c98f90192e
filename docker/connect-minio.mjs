// Part of compose.yaml: connects filegate to the MinIO beside it, once, and prints the command that reads a file out of it.
// The number of the connection is also left in the served folder, where the command of the README finds it.
import { readFile, writeFile } from 'node:fs/promises'

const { FILEGATE_URL, PUBLISHED_URL, MINIO_URL, MINIO_ROOT_USER, MINIO_ROOT_PASSWORD, NOTE_FILE } = process.env

async function ask(path, init) {
  const response = await fetch(`${FILEGATE_URL}/api/v1/${path}`, init)
  return { ok: response.ok, answer: await response.json() }
}

/** The connection that an earlier start made, if it still works. */
async function existing() {
  const id = await readFile(NOTE_FILE, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
  if (id === undefined) return undefined
  const { ok, answer } = await ask(`backends/${id}/test`)
  return ok && answer.success ? id : undefined
}

async function connect() {
  const options = {
    provider: 'Minio',
    endpoint: MINIO_URL,
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
  await writeFile(NOTE_FILE, `${answer.data.id}\n`)
  return answer.data.id
}

const id = (await existing()) ?? (await connect())
process.stdout.write(`filegate is connected to MinIO. Read a file out of it:

  curl '${PUBLISHED_URL}/api/v1/files/demo/hello.txt?backend=${id}'
`)
