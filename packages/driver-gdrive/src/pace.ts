import type { Pace } from '@filegate/core'
import type { DriveOptions } from './options.ts'

const most = 64
/** Seconds that a request may wait for its turn, of the minute that an operation has to begin with an answer. */
const patience = 20

/** How often Google may be asked: the limit is on requests, of which one operation may make many, so vendor.ts keeps it. */
export const requestPace = ({ pacer_min_sleep: interval, pacer_burst: burst }: DriveOptions): Pace => ({
  perSecond: 1 / interval,
  burst,
})

/** How many operations may be under way at once: of more than that, some would wait so long that Google seems slow. */
export const paceFor = ({ pacer_min_sleep: interval }: DriveOptions): Pace => ({
  concurrency: Math.min(most, Math.max(1, Math.floor(patience / interval))),
})
