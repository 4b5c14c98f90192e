import { writeProblem } from './api-error.ts'

/** What desktop clients do not sync, the service does not save (help.dropbox.com, "ignored files"). */
const ignored = /^(?:desktop\.ini|thumbs\.db|\.ds_store|icon\r|\.dropbox|\.dropbox\.attr)$/i

const mostCharacters = 255

/** Whether nothing could ever be called so. */
export const isMalformed = (name: string): boolean =>
  name === '' ||
  name === '.' ||
  name === '..' ||
  Array.from(name).length > mostCharacters ||
  /[\0\\\u007f]/.test(name) ||
  name.endsWith(' ') ||
  !name.isWellFormed()

/** Outside of the Basic Multilingual Plane, as most emoji are. */
export const isBeyondBasic = (name: string): boolean => /[\u{10000}-\u{10ffff}]/u.test(name)

/** @throws disallowed_name */
export function checkNewName(name: string): void {
  if (ignored.test(name)) throw writeProblem('disallowed_name')
}

/** `document.txt` becomes `document (1).txt`; what counts as the ending is that of the last dot. */
export function* otherNames(name: string): Generator<string, never, undefined> {
  const { stem, ending } = partsOf(name)
  for (let number = 1; ; number++) yield `${stem} (${number})${ending}`
}

export function* conflictedNames(name: string): Generator<string, never, undefined> {
  const { stem, ending } = partsOf(name)
  yield `${stem} (conflicted copy)${ending}`
  for (let number = 1; ; number++) yield `${stem} (conflicted copy ${number})${ending}`
}

function partsOf(name: string): { readonly stem: string; readonly ending: string } {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? { stem: name.slice(0, dot), ending: name.slice(dot) } : { stem: name, ending: '' }
}
