import { parsedOption } from '@filegate/core/options'

/** What to do with what belongs to a file besides its bytes. */
export interface MetadataChoice {
  readonly read: boolean
  readonly write: boolean
  /** Whether what cannot be read or written is only told to the operator. */
  readonly failok: boolean
}

const bits = { off: 0, read: 1, write: 2, failok: 4 } as const

const isWord = (word: string): word is keyof typeof bits => Object.hasOwn(bits, word)

/** Words with commas, or the sum of their numbers. */
export const metadataChoice = (providersOwn: string) =>
  parsedOption('string', 'must be off, or some of read, write and failok with commas between', (value) => {
    const said = String(value).trim().toLowerCase()
    const sum = /^\d$/.test(said) ? Number(said) : sumOf(said.split(/\s*,\s*/).filter((word) => word !== ''))
    if (sum === undefined || sum > 7) return undefined
    return { read: (sum & bits.read) > 0, write: (sum & bits.write) > 0, failok: (sum & bits.failok) > 0 }
  }).prefault(providersOwn)

function sumOf(words: readonly string[]): number | undefined {
  return words.every(isWord) ? words.reduce((sum, word) => sum | bits[word], 0) : undefined
}
