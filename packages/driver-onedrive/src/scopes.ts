import { z } from 'zod'

export const defaultScopes = [
  'Files.Read',
  'Files.ReadWrite',
  'Files.Read.All',
  'Files.ReadWrite.All',
  'Sites.Read.All',
  'offline_access',
]

/** The scope that only sites of SharePoint need. */
export const siteScope = 'Sites.Read.All'

const words = z.array(z.string())

/** Scopes with spaces between them, or a JSON array of them, as it is or as text. */
export const scopeList = () =>
  z
    .union([z.string(), words], { error: 'must be scopes with spaces between them' })
    .transform((value, context) => {
      const listed = typeof value === 'string' && value.trimStart().startsWith('[') ? parsedList(value) : value
      if (listed === undefined) {
        context.addIssue({
          code: 'custom',
          message: 'must be scopes with spaces between them, or a JSON array of them',
        })
        return z.NEVER
      }
      const scopes = (typeof listed === 'string' ? listed.split(/[\s,]+/) : listed).map((scope) => scope.trim())
      return scopes.filter((scope) => scope !== '')
    })
    .prefault(defaultScopes)
    .meta({ shown: 'string' })

function parsedList(text: string): readonly string[] | undefined {
  try {
    return words.safeParse(JSON.parse(text)).data
  } catch {
    // What is no JSON is no list.
    return undefined
  }
}
