import { repeating } from '@filegate/core/http-body'
import { classify } from './errors.ts'

/** Makes requests again whose bodies are still in memory, or that finish what has none. */
export const repeat = repeating('dropbox', classify)
