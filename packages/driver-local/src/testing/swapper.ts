import { type Swapping, whileThread } from './swapping-thread.ts'

/** Swaps what is at `place` for a link to `target` and back, as fast as a thread can, while `attack` runs. @returns how often */
export const whileSwapping = (
  place: string,
  target: string,
  attack: (swapping: Swapping) => Promise<void>,
): Promise<number> =>
  whileThread(
    `
      fs.symlinkSync(target, place + '.link')
      fs.renameSync(place, place + '.real')
      fs.renameSync(place + '.link', place)
      fs.renameSync(place, place + '.link')
      fs.renameSync(place + '.real', place)
      fs.unlinkSync(place + '.link')
    `,
    { place, target },
    attack,
  )
