import { type ListOptions, type Operation, type Page, pages } from '@filegate/core'

/** The items of all pages of something short. @throws StorageError `Unexpected` where the pages run in a circle */
export async function allPages<Item>(
  page: (options: ListOptions) => Promise<Page<Item>>,
  { signal }: Operation,
): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of pages(page, { signal })) found.push(item)
  return found
}
