/** A key as listings give it when they are asked to encode: `+` is a space. What is no valid encoding stays as it is. */
export function decodedKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** A key in the path of a URL; slashes stay. */
export const encodedKey = (key: string): string =>
  key
    .split('/')
    .map((name) => encodeURIComponent(name).replace(/[!'()*]/g, percent))
    .join('/')

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
