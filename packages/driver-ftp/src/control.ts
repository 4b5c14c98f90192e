import { FTPContext, FTPError, type FTPResponse } from 'basic-ftp'
import type { Socket } from 'node:net'

export { FTPError, type FTPResponse } from 'basic-ftp'

/** Milliseconds until a server counts as one that does not answer a command. */
const patience = 30_000
/** The longest line that an answer may have. */
const longestLine = 65_536

/** The library's control connection, but fed with whole lines: it loses a line that arrives in two pieces. */
export class ControlConnection extends FTPContext {
  #begun = ''

  constructor(socket: Socket, charset: 'utf8' | 'latin1') {
    super(patience, charset)
    this.socket = socket
  }

  /** Goes on over TLS. What came in plain text and was not asked for is forgotten (RFC 4217, section 15.1). */
  continueOver(socket: Socket): void {
    this.#begun = ''
    this.socket = socket
  }

  /** An answer that comes without a command: the greeting. */
  greeting(): Promise<FTPResponse> {
    return this.#answer(undefined)
  }

  /** @throws FTPError when the answer is a refusal, or none of those that `codes` allows */
  async ask(command: string, ...codes: readonly number[]): Promise<FTPResponse> {
    const answer = await this.#answer(command)
    if (codes.length > 0 && !codes.includes(answer.code)) throw new FTPError(answer)
    return answer
  }

  /** Whether the server takes the command. @throws when it says nothing at all */
  async tries(command: string): Promise<FTPResponse | undefined> {
    try {
      return await this.#answer(command)
    } catch (error) {
      if (isRefusal(error)) return undefined
      throw error
    }
  }

  #answer(command: string | undefined): Promise<FTPResponse> {
    const answer: Promise<FTPResponse> = this.handle(command, (response, task) => {
      if (response instanceof Error) task.reject(response)
      // "Wait", as in 120: the answer proper is to come.
      else if (response.code >= 200) task.resolve(response)
    })
    return answer
  }

  // oxlint-disable-next-line no-underscore-dangle -- the name is the library's
  protected override _onControlSocketData(chunk: string): void {
    const text = this.#begun + chunk
    const end = text.lastIndexOf('\n') + 1
    this.#begun = text.slice(end)
    if (this.#begun.length > longestLine) this.closeWithError(new Error('Server sent an endless line.'))
    // oxlint-disable-next-line no-underscore-dangle -- the name is the library's
    else if (end > 0) super._onControlSocketData(text.slice(0, end))
  }
}

/** Whether the server said no, and the connection can be used for something else. */
export const isRefusal = (error: unknown): error is FTPError => error instanceof FTPError && error.code !== 421
