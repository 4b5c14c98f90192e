import type { Classify } from './classify.ts'
import type { StorageDriver } from './contract.ts'
import type { Layer } from './layers/around.ts'
import { cached, type CachePolicy } from './layers/cached.ts'
import { canonical } from './layers/canonical.ts'
import { classified } from './layers/classified.ts'
import { type Clock, systemClock } from './layers/clock.ts'
import { named } from './layers/named.ts'
import { type Observe, observed } from './layers/observed.ts'
import { paced } from './layers/paced.ts'
import { createPacer, type Pace, type Pacer } from './layers/pacer.ts'
import { retried } from './layers/retried.ts'
import type { RetryPolicy } from './layers/retry-policy.ts'
import { type TimeLimits, timed } from './layers/timed.ts'

export interface Assembly {
  /** The provider's mask; absent where names are to stay as they are. */
  readonly mask?: number | undefined
  readonly classify?: Classify | undefined
  readonly pace?: Pace | undefined
  /** Takes the place of `pace` where several drivers work for one account. */
  readonly pacer?: Pacer | undefined
  readonly limits?: TimeLimits | undefined
  readonly retries?: RetryPolicy | undefined
  readonly observe?: Observe | undefined
  /** Absent: nothing is remembered. */
  readonly cache?: CachePolicy | undefined
  readonly clock?: Clock | undefined
}

/** Puts the layers around a vendor's driver. Their order matters, and this is the only place that knows it. */
export function assemble(driver: StorageDriver, assembly: Assembly = {}): StorageDriver {
  const { mask, classify, pace = {}, limits, retries, observe, cache, clock = systemClock } = assembly
  const { pacer = createPacer(pace, clock) } = assembly
  const layers: readonly (Layer | undefined)[] = [
    // The vendor's side: our names become those that it can store.
    mask === undefined ? undefined : named(mask),
    // From here on every error is a StorageError.
    classified(classify),
    // One attempt takes so long at most. Around the pacing, waiting for one's turn would count as slowness of the vendor,
    // and a call that hangs would keep its turn for ever; around the retries, the limit would end them too.
    timed(limits, clock),
    // No faster than the account allows, retries included.
    paced(pacer),
    // What fails for a while is tried again.
    retried({ clock, ...retries }),
    // One observation for an operation, however many tries it took.
    observe && observed(observe, clock),
    // Answers from memory pass nothing of the above.
    cache && cached({ clock, ...cache }),
    // The user's side: one spelling of a path, so that a change is not remembered under another.
    mask === undefined ? undefined : canonical,
  ]
  return layers.reduce<StorageDriver>((inner, layer) => layer?.(inner) ?? inner, driver)
}
