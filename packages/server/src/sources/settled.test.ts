import { describe, expect, it } from 'vitest'
import { settled } from './settled.ts'

const now = 1_700_000_000_123.5

describe('a file is settled', () => {
  it('a tenth of a second after it was written, where times have fractions', () => {
    expect(settled({ modified: now - 100 }, now)).toBe(true)
    expect(settled({ modified: now - 99 }, now)).toBe(false)
    expect(settled({ modified: now + 5 }, now)).toBe(false)
  })

  it('two seconds after it was written, where times may be whole seconds', () => {
    expect(settled({ modified: 1_700_000_000_000 }, 1_700_000_001_999)).toBe(false)
    expect(settled({ modified: 1_700_000_000_000 }, 1_700_000_002_000)).toBe(true)
  })

  it('when its time lies far in the future or is not known', () => {
    expect(settled({ modified: now + 86_400_000 }, now)).toBe(true)
    expect(settled({}, now)).toBe(true)
  })
})
