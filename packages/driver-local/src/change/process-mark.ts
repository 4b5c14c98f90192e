import { readFileSync } from 'node:fs'
import { classify, ifThere } from '../errno.ts'
import { errnoOf } from './change-error.ts'

/** `ending`: it was killed, or is on its way out, and may still be in the middle of a system call. */
export type Fate = 'alive' | 'ending' | 'gone'

/** Says which process something belongs to: its number, and where the system tells it, when it was started. */
export const processMark = (pid: number): string => `${pid}-${statOf(pid)?.start ?? 0}`

/** What has become of the process of this mark. One that nobody has taken notice of yet is gone all the same. */
export function fateOf(mark: string): Fate {
  const [pid = 0] = mark.split('-', 1).map(Number)
  try {
    process.kill(pid, 0)
  } catch (error) {
    // A process of somebody else is alive too.
    if (classify(error) !== 'AccessDenied') return 'gone'
  }
  const stat = statOf(pid)
  if (`${pid}-${stat?.start ?? 0}` !== mark) return 'gone'
  if (!stat) return 'alive'
  if (ended.has(stat.state)) return stat.threads > 1 ? 'ending' : 'gone'
  return (stat.flags & exiting) !== 0 || isKilled(pid) ? 'ending' : 'alive'
}

interface Stat {
  readonly state: string
  readonly flags: number
  readonly threads: number
  /** In ticks since the machine started. */
  readonly start: string
}

/** The first thread of a process that is a zombie, or dead: proc(5), `State`. The others may still be at something. */
const ended: ReadonlySet<string> = new Set(['Z', 'X'])

/** PF_EXITING of the kernel's `include/linux/sched.h`. */
const exiting = 0x4

/** Fields 3, 9, 20 and 22 of /proc/pid/stat in proc(5). The second field may hold blanks and brackets. */
function statOf(pid: number): Stat | undefined {
  const text = readOfProcess(pid, 'stat')
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  if (!fields) return undefined
  const [state = '', flags, threads, start = ''] = [fields[0], fields[6], fields[17], fields[19]]
  return { state, flags: Number(flags), threads: Number(threads), start }
}

/** Whether SIGKILL, number 9, waits for the process or its first thread: the masks of proc(5), a bit for each signal. */
function isKilled(pid: number): boolean {
  const masks = readOfProcess(pid, 'status')?.matchAll(/^S(?:ig|hd)Pnd:\s*([0-9a-f]+)$/gm) ?? []
  return [...masks].some(([, mask]) => (BigInt(`0x${mask}`) & 0x100n) !== 0n)
}

/** `undefined` where the system tells nothing of processes, or there is no such process any more. */
function readOfProcess(pid: number, name: 'stat' | 'status'): string | undefined {
  try {
    return ifThere(() => readFileSync(`/proc/${pid}/${name}`, 'latin1'))
  } catch (error) {
    // It came to its end between opening and reading.
    if (errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
}
