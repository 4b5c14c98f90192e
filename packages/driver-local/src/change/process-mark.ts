import { readFileSync } from 'node:fs'
import { classify, ifThere } from '../errno.ts'

/** Says which process something belongs to: its number, and where the system tells it, when it was started. */
export const processMark = (pid: number): string => `${pid}-${startOf(pid) ?? 0}`

/** Whether the process of this mark still runs. */
export function isAlive(mark: string): boolean {
  const [pid = 0] = mark.split('-', 1).map(Number)
  try {
    process.kill(pid, 0)
  } catch (error) {
    // A process of somebody else is alive too.
    if (classify(error) !== 'AccessDenied') return false
  }
  return processMark(pid) === mark
}

/** In ticks since the machine started: proc(5), field 22 of /proc/pid/stat. The second field may hold blanks and brackets. */
function startOf(pid: number): string | undefined {
  const text = ifThere(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}
