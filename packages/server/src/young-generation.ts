import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the part of the heap in which everything begins at the size it has at the start. V8 lets it grow to 48 MB while a
 * server is busy and then never gives them back. Answers cost as much processor time either way: what they need does not
 * live long. It counts for the whole process, its threads included.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
