import { randomUUID } from 'node:crypto'
import type { Harness, Seed } from '@filegate/conformance'
import { openDriver, type OpenContext } from '@filegate/core'
import { z } from 'zod'
import { bare } from './onedrive-harness.ts'

const made = z.object({ id: z.string(), parentReference: z.object({ driveId: z.string() }) })
const blob = z.object({ access_token: z.string() })

/**
 * A folder of its own in a real drive, which is removed at the end. It is filled with plain requests.
 * @param options as for connecting, with a `token` that is good for the while
 */
export function liveHarness(
  options: Readonly<Record<string, unknown>>,
  context: OpenContext & { readonly siblings?: number } = {},
): Harness {
  const { fetch = globalThis.fetch, siblings = 30 } = context
  const { access_token: token } = blob.parse(JSON.parse(String(options.token)))
  const folders = new Map<string, string>()
  let top = { drive: '', id: '' }

  async function ask(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>): Promise<Response> {
    const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream'
    const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) }
    const response = await fetch(`https://graph.microsoft.com/v1.0${path}`, { method, headers, body: body ?? null })
    if (response.ok) return response
    throw new Error(`${method} ${path} was refused: ${response.status} ${await response.text()}`)
  }
  const item = (id: string): string => `/drives/${encodeURIComponent(top.drive)}/items/${encodeURIComponent(id)}`

  /** @returns its id, made where it is missing */
  async function folderAt(names: readonly string[]): Promise<string> {
    const path = names.join('/')
    const known = path === '' ? top.id : folders.get(path)
    if (known !== undefined) return known
    const parent = await folderAt(names.slice(0, -1))
    const body = JSON.stringify({ name: names.at(-1), folder: {} })
    const { id } = made.parse(await (await ask('POST', `${item(parent)}/children`, body)).json())
    folders.set(path, id)
    return id
  }

  async function plant(seed: Seed): Promise<void> {
    const names = seed.path.split('/')
    if (seed.kind === 'directory') return void (await folderAt(names))
    const parent = await folderAt(names.slice(0, -1))
    const path = `${item(parent)}:/${encodeURIComponent(names.at(-1) ?? '')}:/content`
    await (await ask('PUT', path, new Uint8Array(seed.bytes))).arrayBuffer()
  }

  return {
    siblings,
    async seed(seeds) {
      const body = JSON.stringify({ name: `filegate-${randomUUID()}`, folder: {} })
      const answer = await ask('POST', '/me/drive/root/children', body)
      const { id, parentReference } = made.parse(await answer.json())
      top = { drive: parentReference.driveId, id }
      for (const seed of seeds) await plant(seed)
    },
    connect: () => openDriver(bare, { ...options, drive_id: top.drive, root_folder_id: top.id }, context),
    async close() {
      await ask('DELETE', item(top.id))
    },
  }
}
