import { StorageError } from '../error.ts'
import { parseMask } from '../names/mask.ts'
import { z } from 'zod'

/** Which characters of names are replaced before the vendor sees them, as a mask. Nothing said: the provider's default. */
export function encoding(providersOwn: number) {
  return z
    .union([z.string(), z.number()], { error: 'must be an encoding: a number, or flags such as Slash,Ctl,Dot' })
    .transform((value, context) => {
      try {
        return parseMask(value) ?? providersOwn
      } catch (error) {
        if (!StorageError.is(error)) throw error
        context.addIssue({ code: 'custom', message: error.message })
        return z.NEVER
      }
    })
    .prefault(String(providersOwn))
    .meta({ shown: 'string' })
    .describe('Which characters in names are replaced by look-alikes before they are stored: a number or flag names.')
}
