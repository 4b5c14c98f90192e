let program: Promise<string | undefined> | undefined

/** Where ripgrep is; undefined where its package does not exist for the platform or was not installed. */
export function ripgrepProgram(): Promise<string | undefined> {
  program ??= import('@vscode/ripgrep').then(
    ({ rgPath }) => rgPath,
    // The dependency is optional, and its absence shows as any error of the import.
    () => undefined,
  )
  return program
}
