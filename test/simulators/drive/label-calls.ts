import { randomBytes } from 'node:crypto'
import { oneHeader, readBody } from '../gcs/exchange.ts'
import { arrayMember, booleanMember, isObject, type JsonObject, textMember } from '../gcs/json.ts'
import { badRequest, DriveError } from './drive-error.ts'
import { type Answer, type Exchange, fileOf, show } from './exchange.ts'
import { jsonBody, textsMember } from './file-body.ts'
import { type LabelDefinition, type LabelFieldType, type LabelFieldValue, labelResource } from './labels.ts'
import { pageOf } from './listing.ts'
import { notesOf } from './simulation.ts'

export function listLabels(exchange: Exchange): Answer {
  const { simulation, query } = exchange
  const item = fileOf(exchange, { supportsAllDrives: true })
  const { labels } = notesOf(simulation, item.id)
  const size = Math.min(Number(query.get('maxResults') ?? '100'), simulation.pageLimit)
  const { ids, nextPageToken } = pageOf(simulation, query, size, () => [...labels.keys()])
  const shown = [...labels].filter(([id]) => ids.includes(id))
  return show('labelList', {
    kind: 'drive#labelList',
    labels: shown.map(([id, values]) => labelResource(id, values)),
    nextPageToken,
  })
}

/** The member that sets a value, by the type of the field. */
const setters: Readonly<Record<LabelFieldType, string>> = {
  dateString: 'setDateValues',
  integer: 'setIntegerValues',
  selection: 'setSelectionValues',
  text: 'setTextValues',
  user: 'setUserValues',
}

const objects = (values: readonly unknown[] | undefined): readonly JsonObject[] =>
  (values ?? []).map((value) => {
    if (!isObject(value)) throw badRequest('Invalid JSON payload received.')
    return value
  })

function only(body: JsonObject, members: readonly string[]): void {
  const strange = Object.keys(body).find((name) => name !== 'kind' && !members.includes(name))
  if (strange !== undefined)
    throw badRequest(`Invalid JSON payload received. Unknown name "${strange}": Cannot find field.`)
}

export async function modifyLabels(exchange: Exchange): Promise<Answer> {
  const { simulation, headers, incoming } = exchange
  const body = jsonBody(await readBody(incoming, 1_048_576), oneHeader(headers, 'content-type'))
  const item = fileOf(exchange, { supportsAllDrives: true, need: 'writer' })
  only(body, ['labelModifications'])
  const { labels } = notesOf(simulation, item.id)
  // Everything is read before anything is changed.
  const changes = objects(arrayMember(body, 'labelModifications')).map((modification) => {
    only(modification, ['labelId', 'fieldModifications', 'removeLabel'])
    const definition = simulation.labels.get(textMember(modification, 'labelId') ?? '')
    if (!definition) throw new DriveError(404, 'notFound', 'Label not found.')
    if (booleanMember(modification, 'removeLabel')) return { id: definition.id, values: undefined }
    const fields = { ...labels.get(definition.id)?.fields }
    for (const field of objects(arrayMember(modification, 'fieldModifications'))) change(definition, fields, field)
    return { id: definition.id, values: { revisionId: randomBytes(8).toString('hex'), fields } }
  })
  const modified: object[] = []
  for (const { id, values } of changes) {
    if (values) {
      labels.set(id, values)
      modified.push(labelResource(id, values))
    } else labels.delete(id)
  }
  simulation.tree.update(item.id, {})
  return show('modifiedLabels', { kind: 'drive#modifyLabelsResponse', modifiedLabels: modified })
}

function change({ fields: types }: LabelDefinition, fields: Record<string, LabelFieldValue>, field: JsonObject): void {
  only(field, ['fieldId', 'unsetValues', ...Object.values(setters)])
  const id = textMember(field, 'fieldId') ?? ''
  const type = Object.hasOwn(types, id) ? types[id] : undefined
  if (type === undefined) throw badRequest(`The label has no field ${id}.`)
  if (booleanMember(field, 'unsetValues')) {
    delete fields[id]
    return
  }
  const values = textsMember(field, setters[type])
  const wrong = Object.values(setters).find((name) => name !== setters[type] && Object.hasOwn(field, name))
  if (!values || wrong !== undefined) throw badRequest(`The field ${id} takes ${setters[type]}.`)
  if (type === 'integer' && !values.every((value) => /^-?\d+$/.test(value))) throw badRequest('Invalid integer value.')
  if (type === 'dateString' && !values.every((value) => /^\d{4}-\d\d-\d\d$/.test(value)))
    throw badRequest('Invalid date value.')
  fields[id] = { type, values }
}
