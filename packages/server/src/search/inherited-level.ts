import { type LocalAccess, parentPath, root, type StorageDriver, type StoragePath } from '@filegate/core'
import type { IgnoreLevel } from './ignore-level.ts'
import { localRuleTexts, storedRuleTexts } from './rule-texts.ts'
import { levelFrom } from './tree-rules.ts'

/** The directories above `path`, from the root on. */
function above(path: StoragePath): StoragePath[] {
  const found: StoragePath[] = []
  for (let at = path; at !== root; ) {
    at = parentPath(at)
    found.unshift(at)
  }
  return found
}

/** The rules that hold in a directory because of those above it. Nothing outside the storage has a say. */
export function localInherited(local: LocalAccess, path: StoragePath): IgnoreLevel | undefined {
  return above(path).reduce<IgnoreLevel | undefined>(
    (parent, directory) => levelFrom(directory, localRuleTexts(local, directory), parent) ?? parent,
    undefined,
  )
}

export async function storedInherited(
  storage: StorageDriver,
  path: StoragePath,
  signal: AbortSignal,
): Promise<IgnoreLevel | undefined> {
  const known = await Promise.all(
    above(path).map(async (directory) => ({
      directory,
      texts: await storedRuleTexts(storage, directory, signal),
    })),
  )
  return known.reduce<IgnoreLevel | undefined>(
    (parent, { directory, texts }) => levelFrom(directory, texts, parent) ?? parent,
    undefined,
  )
}
