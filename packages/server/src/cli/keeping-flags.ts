import type { Flag } from './flags.ts'
import { list, size, toggle, whole } from './value-kinds.ts'

const listOfGlobs = /,(?![^{]*\})/

/** The flags of what was: the trash and the journal. */
export const keepingFlags = {
  trash: { group: 'Journal', description: 'Keep what is deleted (in .filegate-trash), for ?restore', kind: toggle },
  'trash-keep-days': {
    argument: 'days',
    group: 'Journal',
    description: 'Remove what has been in the trash for longer',
    default: '30',
    kind: whole(1, 36_500),
  },
  'journal-max-size': {
    argument: 'size',
    group: 'Journal',
    description: 'Keep the content of files up to this size; of larger ones digest and size are noted',
    default: '2M',
    kind: size,
  },
  'journal-exclude': {
    argument: 'globs',
    repeatable: true,
    group: 'Journal',
    description: 'Names and paths that the journal leaves out, such as *.log,tmp/',
    kind: list(listOfGlobs),
  },
  'journal-ignore-dev-dirs': {
    group: 'Journal',
    on: true,
    description:
      'Follow what is in node_modules, target, .venv and other folders that tools make anew, too (.git never)',
    kind: toggle,
  },
  'journal-keep-days': {
    argument: 'days',
    group: 'Journal',
    description: 'Forget what happened longer ago',
    default: 'for ever',
    kind: whole(1, 36_500),
  },
  'journal-keep-revisions': {
    argument: 'number',
    group: 'Journal',
    description: 'Keep so many revisions of each file, the newest',
    default: 'all',
    kind: whole(1, 1_000_000),
  },
  'journal-keep-size': {
    argument: 'size',
    group: 'Journal',
    description: 'Keep contents of up to so many bytes altogether, the newest',
    default: 'unlimited',
    kind: size,
  },
} satisfies Record<string, Flag>
