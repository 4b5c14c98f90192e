/** 2: what was typed or configured is wrong. 1: it is right, but cannot be done here and now. */
export type ExitCode = 1 | 2

/** Ends the program with one line that a user can act on. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.exitCode = exitCode
  }
}
