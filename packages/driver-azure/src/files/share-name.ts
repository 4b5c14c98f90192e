/** Which share a connection shows, or what is wrong with the options that should say so. */
export type ShareName =
  | { readonly name: string; readonly problem?: undefined }
  | { readonly name?: undefined; readonly problem: string }

/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata */
const form = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/

/**
 * @param said in `share_name`
 * @param signed the only share that a signed URL opens
 */
export function settleShareName(said: string, signed: string | undefined): ShareName {
  const name = said.trim() || signed || ''
  if (name === '') return { problem: 'is required, unless sas_url is that of a share' }
  if (signed !== undefined && signed !== name)
    return { problem: `is not the share of the signed URL, which is ${signed}` }
  if (!form.test(name)) return { problem: 'must be 3 to 63 lower-case letters, digits and single hyphens' }
  return { name }
}
