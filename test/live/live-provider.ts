import { canonicalPath, parsePath, type StoragePath } from '@filegate/core'

/** An account that somebody has, and wants the suite to be run on. */
export interface LiveProvider {
  readonly slug: string
  /** The variable that it comes from. */
  readonly variable: string
  readonly options: Readonly<Record<string, unknown>>
  /** In which the suite makes a folder of its own. */
  readonly folder: StoragePath
  /** Titles of rules that do not hold for this account. */
  readonly except: readonly string[]
}

/** Why a provider is not tested. */
export interface SkippedProvider {
  readonly slug: string
  readonly reason: string
}

/** `google-cloud-storage` is asked for by `FILEGATE_LIVE_GOOGLE_CLOUD_STORAGE`. */
export const liveVariable = (slug: string): string => `FILEGATE_LIVE_${slug.toUpperCase().replaceAll('-', '_')}`

/** @throws Error that names the variable and never shows what is in it, since that is a secret */
export function readLiveProvider(slug: string, variables: NodeJS.ProcessEnv): LiveProvider | SkippedProvider {
  const variable = liveVariable(slug)
  const text = variables[variable]
  if (!text) {
    return { slug, reason: `${variable} is not set (the options of an account as JSON, such as {"token": ...})` }
  }
  const options = parsed(variable, text)
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new Error(`${variable} has to be an object in JSON: the options of the provider.`)
  }
  const except = parsed(`${variable}_EXCEPT`, variables[`${variable}_EXCEPT`] || '[]')
  if (!Array.isArray(except) || !except.every((title) => typeof title === 'string')) {
    throw new Error(`${variable}_EXCEPT has to be a list in JSON: titles of rules that do not hold.`)
  }
  const folder = canonicalPath(parsePath(variables[`${variable}_FOLDER`] ?? ''))
  return { slug, variable, options: { ...options }, folder, except }
}

function parsed(variable: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The message of the parser would show a piece of it.
    throw new Error(`${variable} is no JSON.`)
  }
}
