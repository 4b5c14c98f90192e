export const shaCryptForm = /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$]*)\$([./0-9A-Za-z]+)$/
export const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** As the specification clamps them. */
export function shaCryptRounds(text: string | undefined): number {
  return text === undefined ? 5000 : Math.min(999_999_999, Math.max(1000, Number(text)))
}
