import { lstatSync } from 'node:fs'
import { classify } from './errno.ts'
import { isLink } from './facts.ts'

/**
 * Whether `error` is a refusal of the operating system that stands behind a link below `root`. Such a path counts as
 * leading outside, because nobody can know that it does not; otherwise the refusal would tell what exists out there.
 */
export function isRefusedBehindLink(error: unknown, root: string, disk: string | Buffer): boolean {
  return classify(error) === 'AccessDenied' && crossesLink(root, Buffer.from(disk))
}

const slash = 0x2f

function crossesLink(root: string, disk: Buffer): boolean {
  let end = Buffer.byteLength(root)
  try {
    while (end < disk.length) {
      const next = disk.indexOf(slash, end + 1)
      end = next < 0 ? disk.length : next
      if (isLink(lstatSync(disk.subarray(0, end)))) return true
    }
  } catch (error) {
    // A folder inside the root refuses by itself; or the tree has changed, and then nothing is certain.
    return classify(error) !== 'AccessDenied'
  }
  return false
}
