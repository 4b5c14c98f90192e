import { type Swapping, whileThread } from './swapping-thread.ts'

/**
 * Lets the link at `place` lead to each of `targets` in turn, as fast as a thread can, while `attack` runs. There is always a link.
 * @returns how often it was changed
 */
export const whileRelinking = (
  place: string,
  targets: readonly string[],
  attack: (swapping: Swapping) => Promise<void>,
): Promise<number> =>
  whileThread(
    `
      fs.symlinkSync(targets[(shared[1] + 1) % targets.length], place + '.next')
      fs.renameSync(place + '.next', place)
    `,
    { place, targets },
    attack,
  )
