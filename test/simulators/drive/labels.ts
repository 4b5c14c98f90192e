import { type JsonObject } from '../gcs/json.ts'

export type LabelFieldType = 'dateString' | 'integer' | 'selection' | 'text' | 'user'

/** A label that the organisation has, with the types of its fields by their ids. */
export interface LabelDefinition {
  readonly id: string
  readonly fields: Readonly<Record<string, LabelFieldType>>
}

/** A label on a file: values by id of the field. */
export interface LabelValues {
  readonly revisionId: string
  readonly fields: Readonly<Record<string, LabelFieldValue>>
}

export interface LabelFieldValue {
  readonly type: LabelFieldType
  readonly values: readonly string[]
}

export const labelResource = (id: string, { revisionId, fields }: LabelValues): JsonObject => ({
  kind: 'drive#label',
  id,
  revisionId,
  fields: Object.fromEntries(
    Object.entries(fields).map(([fieldId, { type, values }]) => [
      fieldId,
      {
        kind: 'drive#labelField',
        id: fieldId,
        valueType: type,
        [type]: type === 'user' ? values.map((emailAddress) => ({ kind: 'drive#user', emailAddress })) : values,
      },
    ]),
  ),
})
