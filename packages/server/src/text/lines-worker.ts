import { parentPort } from 'node:worker_threads'
import type { ScanPosition } from './line-index.ts'
import { type DescribedFile, scanBackward, scanForward } from './lines-descriptor.ts'
import { createLineScan, type LineSpan, type LineTarget } from './lines-scan.ts'
import { createTailScan, type TailTarget } from './lines-tail.ts'
import { createNewlineCounter } from './newlines.ts'

/** What the thread is asked to find in an open file. */
export type LineSearch =
  | { readonly kind: 'range'; readonly target: LineTarget; readonly from: ScanPosition; readonly spacing: number }
  | { readonly kind: 'tail'; readonly target: TailTarget }

export type LineOrder =
  | { readonly id: number; readonly file: DescribedFile; readonly search: LineSearch }
  | { readonly id: number; readonly cancel: true }

/** After any of these the thread no longer touches the descriptor. `newlines` are those before each checkpoint passed. */
export type LineReport =
  | { readonly id: number; readonly span: LineSpan; readonly newlines: readonly number[] }
  | { readonly id: number; readonly cancelled: true }
  | { readonly id: number; readonly failure: string }

/** Eight megabytes were measured as best: fewer calls, and still in the processor's cache. */
const readSize = 8 * 1024 * 1024

/** Cancelled searches end at their next turn. */
const running = new Map<number, { cancelled: boolean }>()
const port = parentPort
const counter = createNewlineCounter(readSize)

/** The next piece of a search; the answer once there is one. */
type Turn = () => LineSpan | undefined

function turnOf(file: DescribedFile, search: LineSearch, newlines: number[]): Turn {
  if (search.kind === 'tail') {
    const scan = createTailScan(search.target)
    return () => scanBackward(file, scan, counter, readSize)
  }
  const report = (position: ScanPosition): void => void newlines.push(position.newlines)
  const scan = createLineScan(search.target, search.from, { spacing: search.spacing, report })
  return () => scanForward(file, scan, counter, readSize)
}

/** One turn, then orders and other searches have theirs. */
function run(id: number, turn: Turn, newlines: readonly number[]): void {
  const report = (outcome: LineReport): void => {
    running.delete(id)
    port?.postMessage(outcome)
  }
  if (running.get(id)?.cancelled !== false) return report({ id, cancelled: true })
  try {
    const span = turn()
    if (span) report({ id, span, newlines })
    else setImmediate(run, id, turn, newlines)
  } catch (error) {
    report({ id, failure: error instanceof Error ? error.message : String(error) })
  }
}

port?.on('message', (order: LineOrder) => {
  if ('cancel' in order) {
    const search = running.get(order.id)
    if (search) search.cancelled = true
    return
  }
  running.set(order.id, { cancelled: false })
  const newlines: number[] = []
  run(order.id, turnOf(order.file, order.search, newlines), newlines)
})
