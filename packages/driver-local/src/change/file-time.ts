/**
 * A time as `futimes` wants it. Numbers are seconds, but Node takes negative ones, times before 1970, for the present:
 * https://github.com/nodejs/node/blob/v24.x/lib/internal/fs/utils.js (toUnixTimestamp)
 * @param modified Unix milliseconds
 */
export const fileTime = (modified: number): number | Date => (modified < 0 ? new Date(modified) : modified / 1000)
