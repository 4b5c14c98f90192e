/** Whatever could end a line or a quoted value, or change how a terminal or a reader shows it. */
const dangerous = /["\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const everyDangerous = new RegExp(dangerous, 'gu')

/** Text from outside as it may stand in a line of a log: one line stays one line, and a quote never closes a value. */
export function escapeForLog(text: string): string {
  return dangerous.test(text) ? text.replace(everyDangerous, escapeCharacter) : text
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`
}
