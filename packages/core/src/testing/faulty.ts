import type { StorageDriver } from '../contract.ts'
import { around, type Call, type OperationName } from '../layers/around.ts'

/** What the next calls of an operation do before, or in place of, what the driver does. */
export type Fault = (call: Call) => unknown

export interface FaultyDriver extends StorageDriver {
  /** The calls that arrived, in order. */
  readonly calls: readonly Call[]
  /** Each of the next calls of the operation meets one of the faults; an error that it gives is thrown. */
  fail(operation: OperationName, ...faults: readonly (Error | Fault)[]): void
}

/** A driver for the tests of layers: it keeps book, and fails on demand. */
export function faulty(inner: StorageDriver): FaultyDriver {
  const calls: Call[] = []
  const faults: { readonly operation: OperationName; readonly fault: Error | Fault }[] = []
  const driver = around(inner, async (call, proceed) => {
    calls.push(call)
    const place = faults.findIndex(({ operation }) => operation === call.operation)
    const [next] = place < 0 ? [] : faults.splice(place, 1)
    const outcome = typeof next?.fault === 'function' ? await next.fault(call) : next?.fault
    if (outcome instanceof Error) throw outcome
    return proceed()
  })
  return {
    ...driver,
    calls,
    fail: (operation, ...more) => void faults.push(...more.map((fault) => ({ operation, fault }))),
  }
}
