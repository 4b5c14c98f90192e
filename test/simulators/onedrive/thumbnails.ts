import type { Item } from '../cloud-tree/item.ts'
import type { Json } from './answer.ts'
import { downloadUrl, type View } from './item-resource.ts'
import { mediaType } from './media-type.ts'

const sizes = { small: 96, medium: 176, large: 800 } as const

/** Addresses only: what they lead to is the picture itself. */
export function thumbnailsOf(view: View, item: Item): readonly Json[] {
  if (item.kind !== 'file' || !mediaType(item.name).startsWith('image/')) return []
  const each = Object.entries(sizes).map(([name, side]) => [
    name,
    { height: side, width: side, url: downloadUrl(view, item) },
  ])
  return [{ id: '0', ...Object.fromEntries(each) }]
}
