import { around, type Layer } from './around.ts'
import type { Pacer } from './pacer.ts'

/** Asks the vendor no faster than the account allows, and slower when the vendor says so. */
export function paced(pacer: Pacer): Layer {
  return (inner) => around(inner, ({ options: { signal } }, proceed) => pacer.run(() => proceed(), signal))
}
