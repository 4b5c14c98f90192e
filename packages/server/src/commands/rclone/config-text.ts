import { StorageError } from '@filegate/core'

/** One remote of rclone, as it is configured. */
export interface Remote {
  readonly name: string
  readonly values: ReadonlyMap<string, string>
}

/**
 * Reads a configuration file of rclone: sections of `key = value` lines.
 * @throws StorageError `InvalidArgument` when it is encrypted, or none
 */
export function parseRcloneConfig(text: string): Remote[] {
  const remotes: { name: string; values: Map<string, string> }[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (const [place, raw] of lines.entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    if (line.startsWith('RCLONE_ENCRYPT_V')) throw encrypted()
    const name = /^\[(.*)\]$/.exec(line)?.[1]
    if (name !== undefined) {
      remotes.push({ name: name.trim(), values: new Map() })
      continue
    }
    const [, key = '', value = ''] = /^(`[^`]*`|""".*?"""|[^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? []
    const remote = remotes.at(-1)
    // The line itself may be a secret.
    if (key === '' || !remote) throw new StorageError('InvalidArgument', `line ${place + 1} is not 'key = value'`)
    remote.values.set(unquoted(key), unquoted(value))
  }
  return remotes
}

function encrypted(): StorageError {
  const message =
    "the configuration is encrypted; write a decrypted copy with 'rclone config show > copy.conf', import that, and delete it"
  return new StorageError('InvalidArgument', message)
}

/** What holds special characters stands in backquotes or in three double quotes. */
const unquoted = (text: string): string => /^(`|""")(.*)\1$/s.exec(text)?.[2] ?? text
