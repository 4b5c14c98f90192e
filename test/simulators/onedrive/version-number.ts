import type { Item, Revision } from '../cloud-tree/item.ts'

/** Versions are counted from 1 on; the number stays when others are deleted. */
export const versionOf = ({ facts }: Revision): number => (typeof facts.version === 'number' ? facts.version : 1)

export const nextVersion = ({ revisions }: Item): number => Math.max(0, ...revisions.map(versionOf)) + 1
