import { StorageError } from '@filegate/core'

const token = /[?&(](?:(\$|%24)(skiptoken|deltatoken)|(token))=('?)([^&)']+)\4/i

/**
 * What is asked with to get the next page, as `name=value`, from the address that the service gives for it. Only that much goes on:
 * an address could lead elsewhere.
 * @param before what this page was asked with, which cannot be the next one as well
 */
export function nextPage(link: string | null | undefined, before?: string): string | undefined {
  if (link === null || link === undefined) return undefined
  const [, dollar, system, plain, , value] = token.exec(link) ?? []
  const decoded = value === undefined ? undefined : decodedOf(value)
  if (decoded === undefined) {
    throw new StorageError('Unexpected', 'OneDrive gave a next page that this driver does not understand.')
  }
  const name = dollar === undefined ? (plain ?? '') : `$${system ?? ''}`
  const next = `${name}=${decoded}`
  if (next !== before) return next
  throw new StorageError('Unexpected', 'OneDrive gave the same page as the next one.')
}

function decodedOf(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    // What is no encoding is no token either.
    return undefined
  }
}

/** The query that a cursor stands for. @throws StorageError `InvalidArgument` for what is none */
export function queryOfPage(cursor: string | undefined): Readonly<Record<string, string>> {
  if (cursor === undefined) return {}
  const [, name, value] = /^(\$skiptoken|\$deltatoken|token)=(.+)$/is.exec(cursor) ?? []
  if (name !== undefined && value !== undefined) return { [name]: value }
  throw new StorageError('InvalidArgument', 'The cursor is none that this listing gave out.')
}
