import { type Classify, classifyByConvention } from '../classify.ts'
import { StorageError } from '../error.ts'

/** Whether an error of a vendor says that something is not there. The layers that translate errors stand further out. */
export function missingBy(classify?: Classify): (error: unknown) => boolean {
  return (error) => {
    if (StorageError.is(error)) return error.code === 'NotFound'
    const found = classify?.(error) ?? classifyByConvention(error)
    return (typeof found === 'string' ? found : found?.code) === 'NotFound'
  }
}
