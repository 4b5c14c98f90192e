import { type Conditions, evaluateConditions, expectConditions, StorageError } from '@filegate/core'
import type { Connection } from './connection.ts'
import { objectOf, type Resource } from './resource.ts'

/** The parameters by which the vendor evaluates conditions itself. */
export interface PushedConditions {
  readonly ifGenerationMatch?: string | undefined
  readonly ifGenerationNotMatch?: string | undefined
}

/** Conditions that the vendor can evaluate; `undefined` for others. Times go by what users see, which it does not know. */
export function pushedConditions(conditions: Conditions): PushedConditions | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions
  if (ifMatch === undefined && ifUnmodifiedSince !== undefined) return undefined
  if (ifNoneMatch === undefined && ifModifiedSince !== undefined) return undefined
  const match = generationOf(ifMatch)
  const noneMatch = generationOf(ifNoneMatch?.map((etag) => etag.replace(/^W\//, '')))
  if (match === null || noneMatch === null) return undefined
  return {
    ...(match !== undefined && { ifGenerationMatch: match }),
    ...(noneMatch !== undefined && { ifGenerationNotMatch: noneMatch }),
  }
}

/** `null` for anything but one strong etag of ours. */
function generationOf(etags: readonly string[] | undefined): string | null | undefined {
  if (etags === undefined) return undefined
  const [only = '', more] = etags
  return (more === undefined && /^"(\d{1,19})"$/.exec(only)?.[1]) || null
}

/**
 * Evaluates conditions of a read here; what is read then has to be what they were evaluated on.
 * @throws StorageError `NotModified` or `PreconditionFailed`
 */
export function evaluatedHere(
  { options }: Connection,
  key: string,
  conditions: Conditions,
  known: Resource,
): PushedConditions {
  expectConditions(conditions, objectOf(key, known, options).facts, key)
  return { ifGenerationMatch: known.generation }
}

/**
 * The conditions of a write as the vendor evaluates them, in the moment in which the new object takes the place of the old.
 * @param look gives what is there, for conditions that the vendor does not know
 * @throws StorageError `PreconditionFailed`
 */
export async function conditionsOfWrite(
  { options }: Connection,
  key: string,
  conditions: Conditions | undefined,
  look: () => Promise<Resource | undefined>,
): Promise<PushedConditions> {
  if (!conditions) return {}
  const isForNew = conditions.ifNoneMatch?.includes('*') && conditions.ifMatch === undefined
  if (isForNew) return { ifGenerationMatch: '0' }
  const pushed = conditions.ifNoneMatch ? undefined : pushedConditions(conditions)
  if (pushed) return pushed
  const old = await look()
  if (evaluateConditions(conditions, old && objectOf(key, old, options).facts) !== 'proceed') throw failed(key)
  return { ifGenerationMatch: old ? old.generation : '0' }
}

const failed = (key: string): StorageError =>
  new StorageError('PreconditionFailed', `A condition on /${key} does not hold.`)
