import mime from 'mime'
import type { PathType } from '../listing/row.ts'
import { isDirectoryType } from '../listing/row.ts'

export type IconName = 'folder' | 'file' | 'text' | 'code' | 'table' | 'pdf' | 'image' | 'audio' | 'video' | 'archive'

const extensions: readonly (readonly [IconName, string])[] = [
  ['archive', '7z apk br bz2 cab deb dmg ear gz iso jar lz lz4 lzma rar rpm tar tbz2 tgz txz war whl xz zip zst'],
  [
    'code',
    'astro bash bat c cc cfg clj conf cpp cs css cxx dart diff env ex exs fish fs go graphql h hpp hs htm html ini',
  ],
  [
    'code',
    'ipynb java jl js json json5 jsonl jsx kt less lock lua m mjs mm mts nix patch php pl proto ps1 py r rb rs sass',
  ],
  ['code', 'scala scss sh sol sql svelte swift tf toml ts tsx vim vue xml yaml yml zig zsh'],
  ['table', 'csv db ods parquet sqlite sqlite3 tsv xls xlsx'],
  ['text', 'adoc doc docx epub log markdown md mdx odt org pages rst rtf tex txt'],
  ['image', 'cr2 dng heic heif jxl nef psd raw'],
  ['video', 'm2ts mkv'],
  ['pdf', 'pdf'],
]

/** By extension, where the media type does not tell or tells something else. */
const byExtension: Readonly<Record<string, IconName>> = Object.fromEntries(
  extensions.flatMap(([icon, names]) => names.split(' ').map((name) => [name, icon] as const)),
)

/** By the whole name, for files that have no extension. */
const byName: Readonly<Record<string, IconName>> = {
  dockerfile: 'code',
  makefile: 'code',
  license: 'text',
  readme: 'text',
  changelog: 'text',
}

const byMainType: Readonly<Record<string, IconName>> = { image: 'image', audio: 'audio', video: 'video', text: 'text' }

/** The icon that stands for an entry in a listing, by its name alone. */
export function iconOf(name: string, type: PathType): IconName {
  if (isDirectoryType(type)) return 'folder'
  const lower = name.toLowerCase()
  const dot = lower.lastIndexOf('.')
  const known = dot > 0 ? own(byExtension, lower.slice(dot + 1)) : own(byName, lower)
  if (known) return known
  const mainType = mime.getType(lower)?.split('/', 1)[0]
  return (mainType !== undefined && own(byMainType, mainType)) || 'file'
}

/** Names come from users: `constructor` must not find what every object has. */
function own(table: Readonly<Record<string, IconName>>, key: string): IconName | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}
