import { z } from 'zod'

const items = z.array(z.string())
const separators = { comma: /\s*,\s*/, space: /\s+/, either: /[\s,]+/ } as const

/** Words in one text, or in an array. Empty items are dropped. */
export function wordList(separator: keyof typeof separators = 'either') {
  return z
    .union([z.string(), items], {
      error: ({ input }) => (input === undefined ? 'is required' : 'must be a list of words'),
    })
    .transform((value) => (typeof value === 'string' ? value.split(separators[separator]) : value))
    .transform((words) => words.map((word) => word.trim()).filter((word) => word !== ''))
    .meta({ shown: 'string' })
}
