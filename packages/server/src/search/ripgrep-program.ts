import { accessSync, constants } from 'node:fs'

let program: Promise<string | undefined> | undefined

/** Where ripgrep is; undefined where its package does not exist for the platform, was not installed, or may not be run. */
export function ripgrepProgram(): Promise<string | undefined> {
  program ??= locate()
  return program
}

async function locate(): Promise<string | undefined> {
  try {
    const { rgPath } = await import('@vscode/ripgrep')
    accessSync(rgPath, constants.X_OK)
    return rgPath
  } catch {
    // The dependency is optional; whatever keeps it from being used, the engine of our own does the same.
    return undefined
  }
}
