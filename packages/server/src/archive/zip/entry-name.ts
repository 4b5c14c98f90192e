/** A first segment like `C:` would be a drive on Windows. */
const drive = /^([A-Za-z]):/

/**
 * The name of an entry for a path below the folder that is zipped. Such a path has no `..` and no leading slash. What is
 * harmless here but not on Windows, a backslash or a leading `C:`, becomes its full-width twin: the archive would
 * otherwise be one that careful tools refuse and careless ones unpack outside their folder.
 */
export function entryName(path: string, directory: boolean): string {
  const name = path.replaceAll('\\', '\uFF3C').replace(drive, '$1\uFF1A')
  return directory ? `${name}/` : name
}
