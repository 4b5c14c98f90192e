import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the part of the heap in which everything begins as large as it is when this is called: 4 MB once the code is loaded.
 * V8 lets it grow to 48 MB while a server is busy and gives none of that back. The rest of the heap, which V8 lets grow to four
 * times what lives in it before it looks for what does not, may only double. Both count for the whole process, its
 * threads included. The first costs up to a tenth of the processor time where very many objects are made, and nothing elsewhere;
 * the second was measured to cost nothing, while 40 instead of 100 percent cost a fifth where long answers are made.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=100')
}

/**
 * Lets the rest of the heap grow again as V8 sees fit. What comes from sockets counts as part of it: a server that passes on what
 * others send would look for what does not live every few megabytes, which takes several times as long as passing it on.
 */
export function letHeapGrow(): void {
  setFlagsFromString('--heap-growing-percent=0')
}
