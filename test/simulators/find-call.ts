/** A method of an API over HTTP. `{…}` in its path stands for one percent-encoded segment. */
interface Addressed {
  readonly method: string
  readonly path: string
}

export interface FoundCall<Call extends Addressed> {
  readonly call: Call
  /** What the placeholders stand for, decoded. */
  readonly places: Readonly<Record<string, string>>
}

/** A path fits when it has as many segments; each is decoded after the path was cut. */
export function findCall<Call extends Addressed>(
  calls: readonly Call[],
  method: string,
  path: string,
): FoundCall<Call> | undefined {
  const segments = path.split('/')
  for (const call of calls) {
    if (call.method !== method) continue
    const places = match(call.path.split('/'), segments)
    if (places) return { call, places }
  }
  return undefined
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined
  const places: Record<string, string> = {}
  for (const [place, wanted] of pattern.entries()) {
    const segment = segments[place] ?? ''
    if (!wanted.startsWith('{')) {
      if (wanted !== segment) return undefined
      continue
    }
    const value = decode(segment)
    if (value === '') return undefined
    places[wanted.slice(1, -1)] = value
  }
  return places
}

/** Nothing that is there has a name that cannot be decoded. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    if (error instanceof URIError) return segment
    throw error
  }
}
