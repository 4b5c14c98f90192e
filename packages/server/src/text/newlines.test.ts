import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import wabt from 'wabt'
import { createNewlineCounter, newline } from './newlines.ts'
import { newlinesBinary } from './newlines-binary.ts'

const counter = createNewlineCounter(200_000)

/** Bytes of which many are newlines, few are, or none is. */
const bytes = fc
  .tuple(fc.uint8Array({ maxLength: 9_000 }), fc.integer({ min: 1, max: 256 }))
  .map(([values, kinds]) => Uint8Array.from(values, (value) => (value % kinds === 0 ? newline : value)))

const placesOf = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, ordinal) => start + ordinal).filter(
    (offset) => counter.buffer[offset] === newline,
  )

describe('the newline counter', () => {
  it('counts what a plain loop counts, from any offset to any other', () => {
    const place = fc.integer({ min: 0, max: 9_000 })
    fc.assert(
      fc.property(bytes, place, place, (content, a, b) => {
        counter.buffer.set(content)
        const [start, end] = [Math.min(a, b), Math.max(a, b)]
        expect(counter.count(start, end)).toBe(placesOf(start, end).length)
      }),
    )
  })

  it('counts a buffer that holds nothing but newlines, and one that holds none', () => {
    const { length } = counter.buffer
    counter.buffer.fill(newline)
    expect(counter.count(0, length)).toBe(length)
    expect(counter.count(3, length - 5)).toBe(length - 8)
    counter.buffer.fill(newline + 1)
    expect(counter.count(0, length)).toBe(0)
  })

  it('has room for what it was made for, in whole pages', () => {
    expect(counter.buffer.length).toBe(262_144)
  })

  it('finds the place behind each newline', () => {
    fc.assert(
      fc.property(bytes, fc.double({ min: 0, max: 1, noNaN: true }), (content, share) => {
        counter.buffer.set(content)
        const places = placesOf(0, content.length)
        if (places.length === 0) return
        const ordinal = Math.max(1, Math.ceil(share * places.length))
        expect(counter.after(0, content.length, ordinal)).toBe((places[ordinal - 1] ?? 0) + 1)
      }),
    )
  })

  it('is the assembled form of its text', async () => {
    const text = readFileSync(new URL('./newlines.wat', import.meta.url), 'utf8')
    const assembler = await wabt()
    const module = assembler.parseWat('newlines.wat', text, { simd: true })
    const { buffer } = module.toBinary({})
    module.destroy()
    expect(Buffer.from(buffer).toString('base64')).toBe(newlinesBinary)
  })
})
