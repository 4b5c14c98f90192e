import { randomBytes } from 'node:crypto'

/** A place in the same folder that nothing else has, by whose name one sees what it was. */
export function besides(place: string): string {
  const end = place.lastIndexOf('/')
  const name = place
    .slice(end + 1)
    .slice(0, 200)
    .toWellFormed()
  return `${place.slice(0, end)}/${name}.${randomBytes(6).toString('hex')}`
}
