import { decodeUri, parsePath } from './names.ts'
import type { Scene } from './operations.ts'
import { booleanHeader } from './request.ts'
import { checkSignature, type Wish } from './sas.ts'
import { invalidHeader, ServiceError } from './service-error.ts'
import { entryAt, type EntryNode, type FileNode, fileAt, type Share } from './tree.ts'

interface Source {
  readonly share: Share
  readonly path: readonly string[]
}

/** Resolves the URL of a header such as x-ms-copy-source, and checks that its bytes may be had. */
function locate(scene: Scene, header: string, text: string, operation: Wish['operation']): Source {
  const { request, account, signer } = scene
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalidHeader(header, text)
  // Other accounts and other services are not simulated.
  if (url.host !== request.header('host')) throw new ServiceError('CannotVerifyCopySource')
  const parts = decodeUri(url.pathname).replace(/^\//, '').split('/')
  if (parts[0] === signer.account) parts.shift()
  const [shareName = '', ...rest] = parts
  const path = rest.join('/')
  const wish = { operation, share: shareName, path }
  const signature = { parameter: (name: string) => url.searchParams.get(name) ?? undefined }
  if (signature.parameter('sig') !== undefined) checkSignature(signature, signer, wish, request)
  // The signature of a request is for what it changes: a source that is read needs its own.
  else if (request.parameter('sig') !== undefined) {
    if (operation.permissions === 'r') throw new ServiceError('CannotVerifyCopySource')
    checkSignature(request, signer, wish, request)
  }
  const share = account.get(shareName)
  if (share === undefined) throw new ServiceError('ShareNotFound')
  return { share, path: parsePath(path, booleanHeader(request, 'x-ms-source-allow-trailing-dot')) }
}

export function sourceFile(scene: Scene, url: string): FileNode {
  const { share, path } = locate(scene, 'x-ms-copy-source', url, {
    permissions: 'r',
    resourceType: 'o',
    level: 'entry',
  })
  return fileAt(share, path)
}

/** Renaming stays within one share. */
export function renameSource(scene: Scene, url: string): EntryNode {
  const header = 'x-ms-file-rename-source'
  const { share, path } = locate(scene, header, url, { permissions: 'wd', resourceType: 'o', level: 'entry' })
  if (share !== scene.share || path.length === 0) throw invalidHeader(header, url)
  const entry = entryAt(share, path)
  if (entry === undefined) throw new ServiceError('ResourceNotFound')
  return entry
}
