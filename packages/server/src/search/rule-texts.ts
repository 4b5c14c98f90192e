import { readSync } from 'node:fs'
import {
  collectBytes,
  joinPath,
  type LocalAccess,
  StorageError,
  type StorageDriver,
  type StoragePath,
} from '@filegate/core'
import type { FolderText } from '@filegate/driver-local'
import { ruleFiles, type RuleFile } from './ignore-level.ts'
import type { RuleTexts } from './tree-rules.ts'

/** No file with rules is that large. */
const largest = 1024 * 1024

/** Which files with rules there can be, by the names that a directory holds. */
export const ruleNames: ReadonlySet<string> = new Set(ruleFiles.map((file) => file.replace(/\/.*/, '')))

const none: ReadonlySet<string> = new Set()

/** Those that may be among what a folder holds, of which perhaps only a part is known. */
export function ruleNamesIn(text: FolderText, isWhole: boolean): ReadonlySet<string> {
  if (!isWhole) return ruleNames
  // Names with a dot come first.
  return text.startsWith('.', 1) ? new Set(ruleNames.values().filter((name) => text.includes(`${name}/`))) : none
}

const pathOf = (directory: StoragePath, file: RuleFile): StoragePath => file.split('/').reduce(joinPath, directory)

const wanted = (names: ReadonlySet<string>): readonly RuleFile[] =>
  ruleFiles.filter((file) => names.has(file.replace(/\/.*/, '')))

/** The texts of the files with rules among `names`, which are in `directory`. What cannot be read says nothing. */
export function localRuleTexts(
  local: LocalAccess,
  directory: StoragePath,
  names: ReadonlySet<string> = ruleNames,
): RuleTexts {
  return Object.fromEntries(wanted(names).map((file) => [file, localText(local, pathOf(directory, file))]))
}

export async function storedRuleTexts(
  storage: StorageDriver,
  directory: StoragePath,
  signal: AbortSignal,
  names: ReadonlySet<string> = ruleNames,
): Promise<RuleTexts> {
  const texts = wanted(names).map(async (file) => [file, await storedText(storage, pathOf(directory, file), signal)])
  return Object.fromEntries(await Promise.all(texts))
}

function localText(local: LocalAccess, path: StoragePath): string | undefined {
  const file = unlessMissing(() => local.openFile(path))
  if (!file) return undefined
  try {
    if (file.entry.symlinkTarget !== undefined || file.entry.size > largest) return undefined
    const bytes = Buffer.allocUnsafe(file.entry.size)
    return bytes.toString('utf8', 0, readSync(file.descriptor, bytes, 0, bytes.length, 0))
  } finally {
    file.close()
  }
}

async function storedText(storage: StorageDriver, path: StoragePath, signal: AbortSignal): Promise<string | undefined> {
  const result = await storage.read(path, { range: { start: 0, end: largest }, signal }).catch(missing)
  if (!result) return undefined
  return Buffer.from(await collectBytes(result.body, signal)).toString()
}

/** That there is no such file, or none for this caller, is the usual case. An empty one has no bytes in any range. */
const harmless = new Set([
  'NotFound',
  'AccessDenied',
  'Unauthenticated',
  'IsADirectory',
  'NotADirectory',
  'RangeNotSatisfiable',
])

function missing(error: unknown): undefined {
  if (!StorageError.is(error) || !harmless.has(error.code)) throw error
}

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    return missing(error)
  }
}
