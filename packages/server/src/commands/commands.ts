/** What `filegate <word> ...` does in place of serving a folder. To serve a folder of that name, write `./<word>`. */
export interface Command {
  readonly usage: string
  readonly summary: string
  /** Gives the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>
}

export const commands: Readonly<Record<string, Command>> = {
  connect: {
    usage: 'filegate connect <provider> [options]',
    summary: 'Connect a backend; filegate connect <provider> --help lists its options',
    run: async (args) => (await import('./connect.ts')).connect(args),
  },
  backends: {
    usage: 'filegate backends [list|test|remove] [<id>...]',
    summary: 'Look after the connected backends',
    run: async (args) => (await import('./manage-backends.ts')).manageBackends(args),
  },
  authorize: {
    usage: 'filegate authorize <provider> [options]',
    summary: 'Get a token from a vendor, for filegate connect <provider> --token',
    run: async (args) => (await import('./authorize.ts')).authorize(args),
  },
  'import-rclone': {
    usage: 'filegate import-rclone [<file>]',
    summary: 'Connect what rclone is configured for',
    run: async (args) => (await import('./import-rclone.ts')).importRclone(args),
  },
}

/** The command that a command line starts with. */
export function commandOf(args: readonly string[]): Command | undefined {
  const [word = ''] = args
  return Object.hasOwn(commands, word) ? commands[word] : undefined
}
