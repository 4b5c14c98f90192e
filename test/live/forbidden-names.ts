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

/** Awkward names, by their labels in the suite, that a vendor forbids; what the encoding makes of them is tested elsewhere. */
export const forbiddenNames: Readonly<Record<string, readonly string[]>> = {
  azureblob: ['a backslash', 'a backslash at its end', 'a control character'],
  azurefiles: [...windows, 'a fragment and a query', 'a device of old'],
  dropbox: ['a backslash', 'a backslash at its end', 'a DEL character', 'a space at its end'],
  ftp: ['a newline', 'a carriage return'],
  'google-cloud-storage': ['a newline', 'a carriage return'],
  onedrive: [
    ...windows,
    'a fragment and a query',
    'a dot at its end',
    'a space at its end',
    'a space at its start',
    'dots only',
    'a tilde at its start',
    'a device of old',
  ],
}
