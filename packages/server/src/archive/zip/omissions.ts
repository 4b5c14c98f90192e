import { root } from '@filegate/core'
import { EntrySink } from './entry-sink.ts'
import type { Omission, PackedFiles } from './pack-jobs.ts'

/** The entry at the end of an archive that says what is missing from it, so that nobody takes it for complete. */
const reportName = 'filegate-errors.txt'
const mostLines = 10_000

/** Counts everything and remembers a bounded part of it. */
export class Omissions {
  readonly #lines: string[] = []
  readonly #taken = new Set<string>()
  #count = 0

  add({ path, reason }: Omission): void {
    this.#count += 1
    if (this.#lines.length < mostLines) this.#lines.push(`/${path}: ${reason}\n`)
  }

  /** Tells of a name in the archive that the report must not take. */
  avoid(name: string): void {
    if (name.startsWith('filegate-errors')) this.#taken.add(name)
  }

  /** Undefined when nothing is missing. */
  report(): PackedFiles | undefined {
    if (this.#count === 0) return undefined
    const more = this.#count - this.#lines.length
    const heading = this.#count === 1 ? '1 entry is' : `${this.#count} entries are`
    const text = [
      `${heading} missing from this archive.\n\n`,
      ...this.#lines,
      ...(more > 0 ? [`... and ${more} more.\n`] : []),
    ].join('')
    const bytes = Buffer.from(text)
    const sink = new EntrySink(0, bytes.length)
    const item = { path: root, name: freeName(this.#taken), kind: 'file', modified: Date.now(), mode: 0o644 } as const
    sink.add(item, bytes.length, (target) => bytes.copy(target))
    return { ...sink.take(), done: 0, large: false, omissions: [] }
  }
}

function freeName(taken: ReadonlySet<string>): string {
  let name = reportName
  for (let number = 2; taken.has(name); number++) name = reportName.replace('.', `-${number}.`)
  return name
}
