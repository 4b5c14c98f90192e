import { createInterface } from 'node:readline'
import { CommandError } from '../cli/command-error.ts'
import { arrivedCode, belongsTo } from './arrived-code.ts'

/**
 * The code in the address that somebody copies from a browser.
 * @throws CommandError
 */
export async function pastedCode(
  state: string,
  input: NodeJS.ReadableStream,
  say: (message: string) => void,
): Promise<string> {
  say('the browser is then sent to an address that does not open. Paste that address here:')
  const lines = createInterface({ input })
  try {
    for await (const line of lines) {
      const pasted = line.trim()
      if (pasted === '') continue
      const arrived = URL.parse(pasted)?.searchParams ?? new URLSearchParams(pasted.slice(pasted.indexOf('?') + 1))
      if (belongsTo(state, arrived)) return arrivedCode(arrived)
      say('this is not the address to which this log-in leads: it has another state. Paste the whole of it:')
    }
  } finally {
    lines.close()
  }
  throw new CommandError(1, 'no address was pasted')
}
