import type { Json } from './answer.ts'
import { invalid } from './graph-error.ts'

/** Of the type in Graph's OpenAPI document, those that only SharePoint and Excel know left out. */
export const itemProperties: readonly string[] = `
  @microsoft.graph.downloadUrl audio bundle cTag children content createdBy createdByUser createdDateTime
  deleted description eTag file fileSystemInfo folder id image lastModifiedBy lastModifiedByUser
  lastModifiedDateTime listItem location malware name package parentReference pendingOperations permissions
  photo publication remoteItem root searchResult shared sharepointIds size specialFolder thumbnails
  versions video webDavUrl webUrl content.downloadUrl
`
  .trim()
  .split(/\s+/)

export const driveProperties: readonly string[] = `
  createdBy createdDateTime description driveType eTag id items lastModifiedBy lastModifiedDateTime list
  name owner parentReference quota root sharePointIds special system webUrl
`
  .trim()
  .split(/\s+/)

/** What `$select` names, and what is no property but says something about the answer. */
export function selected(resource: Json, select: string | undefined, known: readonly string[], type: string): Json {
  if (select === undefined || select === '' || select === '*') return resource
  const names = select.split(',').map((name) => name.trim())
  for (const name of names) {
    // A path into a property gives the property.
    const [first = ''] = name.split('/')
    if (!known.includes(first))
      throw invalid(
        `Parsing OData Select and Expand failed: Could not find a property named '${first}' on type '${type}'.`,
      )
  }
  const wanted = names.map((name) => name.split('/')[0])
  const download = wanted.includes('content.downloadUrl') ? ['@microsoft.graph.downloadUrl'] : []
  return Object.fromEntries(
    Object.entries(resource).filter(
      ([name]) => name.startsWith('@odata.') || wanted.includes(name) || download.includes(name),
    ),
  )
}
