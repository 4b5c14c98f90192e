import { repeating } from '@filegate/core/http-body'
import { classify } from './errors.ts'

/** Tries a request again whose body is still in memory. */
export const repeated = repeating('azureblob', classify)
