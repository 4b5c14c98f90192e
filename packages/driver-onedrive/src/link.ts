import { type LinkOptions, StorageError } from '@filegate/core'
import { z } from 'zod'
import { addressOf, itemPath } from './address.ts'
import type { Connection, DriveType } from './connection.ts'
import { isBadRequest } from './errors.ts'
import type { OneDriveItem } from './item.ts'

const shared = z.object({ link: z.object({ webUrl: z.url() }) })

/** Makes a link, as the options want it. One that is only for looking gives the bytes themselves where there is such an address. */
export async function linkTo(
  { graph, options, drive }: Connection,
  file: OneDriveItem,
  { expiresIn, signal }: LinkOptions,
): Promise<string> {
  const { link_type: type, link_scope: scope, link_password: password } = options
  const body = {
    type,
    scope,
    ...(password !== '' && { password }),
    ...(expiresIn !== undefined && { expirationDateTime: new Date(Date.now() + expiresIn * 1000).toISOString() }),
  }
  const path = `${itemPath(addressOf(file.id))}/createLink`
  const answer = await graph.json({ method: 'POST', path, body, signal }).catch(notOfThisKind)
  const { link } = shared.parse(answer)
  // Where a password is asked for, there has to be a page that asks.
  return type === 'view' && password === '' ? directLink(link.webUrl, drive.type) : link.webUrl
}

function notOfThisKind(cause: unknown): never {
  if (!isBadRequest(cause)) throw cause
  const message = 'The drive makes no such links. Check link_type, link_scope and link_password.'
  throw new StorageError('InvalidArgument', message, { cause })
}

/** `/:t:/g/personal/ada_example_com/TOKEN` of a drive, `/:t:/s/team/TOKEN` of a library: what it is, where it lies, who may. */
const forms: Readonly<Record<Exclude<DriveType, 'personal'>, readonly [form: RegExp, folder: string]>> = {
  business: [/^\/:[^/]+:\/[^/]+\/personal\/([^/]+)\/([^/]+)$/, '/personal'],
  documentLibrary: [/^\/:[^/]+:\/[^/]+\/([^/]+)\/([^/]+)$/, '/sites'],
}

/** The address of the bytes behind a link; the link itself where it has another form. */
export function directLink(link: string, type: DriveType): string {
  if (type === 'personal') {
    // https://learn.microsoft.com/graph/api/shares-get, section on encoding sharing URLs
    return `https://api.onedrive.com/v1.0/shares/u!${Buffer.from(link).toString('base64url')}/root/content`
  }
  const url = new URL(link)
  const [form, folder] = forms[type]
  const [, place, token] = form.exec(url.pathname) ?? []
  if (place === undefined || token === undefined) return link
  return `${url.origin}${folder}/${place}/_layouts/15/download.aspx?share=${token}`
}
