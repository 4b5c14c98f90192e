import { type Exception, exceptNames } from '@filegate/conformance'

const windows = [
  'a newline',
  'a carriage return',
  'a tab',
  'a control character',
  'a DEL character',
  'a colon',
  'a backslash',
  'a backslash at its end',
  'quotation marks',
  'characters that Windows forbids',
]

/** Awkward names, by their labels in the suite, that a vendor does not have, and why. */
const forbidden: Readonly<Record<string, { readonly labels: readonly string[]; readonly why: string }>> = {
  azureblob: {
    labels: ['a backslash', 'a backslash at its end', 'a control character'],
    why: 'the service takes a backslash for a slash, and no listing, which is XML, can hold a control character',
  },
  // https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata
  azurefiles: {
    labels: [...windows, 'a fragment and a query', 'a device of old'],
    why: 'Azure Files allows no such names',
  },
  dropbox: {
    labels: ['a backslash', 'a backslash at its end', 'a DEL character', 'a space at its end'],
    why: 'Dropbox refuses such names, or changes them',
  },
  ftp: { labels: ['a newline', 'a carriage return'], why: 'FTP has no way to say such a name' },
  'google-cloud-storage': {
    labels: ['a newline', 'a carriage return'],
    why: 'Google allows neither in the name of an object',
  },
  // https://support.microsoft.com/office/64883a5d-228e-48f5-b3d2-eb39e07630fa, on restrictions and limitations
  onedrive: {
    labels: [
      ...windows,
      'a fragment and a query',
      'a dot at its end',
      'a space at its end',
      'a space at its start',
      'dots only',
      'a tilde at its start',
      'a device of old',
    ],
    why: 'OneDrive allows no such names',
  },
}

/** What no driver of this provider can keep of the suite; what the encoding makes of such names is tested elsewhere. */
export function forbiddenNames(provider: string): readonly Exception[] {
  const { labels, why } = forbidden[provider] ?? { labels: [], why: '' }
  return exceptNames(labels, why)
}
