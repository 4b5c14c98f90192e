/** JSON that may stand in a header: `Dropbox-API-Arg` takes ASCII only, everything else as \u escapes of UTF-16. */
export const headerJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
