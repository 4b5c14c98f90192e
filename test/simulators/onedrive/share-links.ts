import type { Item } from '../cloud-tree/item.ts'
import { GraphError } from './graph-error.ts'
import type { Permission, Service } from './service.ts'

// Source: "Accessing shared DriveItems": `u!` and the address in base64url, or the id that a permission has.

/** @throws itemNotFound */
export function shareOf(
  { tree, permissions }: Service,
  encoded: string,
): { readonly item: Item; readonly shareId: string } {
  const address = encoded.startsWith('u!') ? Buffer.from(encoded.slice(2), 'base64url').toString() : undefined
  for (const [id, all] of permissions) {
    const found = all.find((each) => matches(each, encoded, address))
    const item = found && tree.get(id)
    if (found && item && !tree.isTrashed(id)) return { item, shareId: found.shareId }
  }
  throw new GraphError('itemNotFound', {
    message: 'The sharing link no longer exists, or you do not have permission to access it.',
  })
}

const matches = ({ shareId, link }: Permission, encoded: string, address: string | undefined): boolean =>
  address === undefined ? shareId === encoded : link?.webUrl === address
