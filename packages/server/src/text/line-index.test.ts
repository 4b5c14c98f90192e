import { describe, expect, it } from 'vitest'
import { addCheckpoint, createLineIndex, createLineIndexes, positionBefore } from './line-index.ts'

const mebibyte = 1024 * 1024

describe('the index of lines', () => {
  it('starts a scan at the last checkpoint that lies before the line', () => {
    const index = createLineIndex(10 * mebibyte)
    const { spacing } = index
    for (const [ordinal, newlines] of [0, 100, 200, 200, 350].entries()) {
      addCheckpoint(index, { offset: ordinal * spacing, newlines })
    }
    expect(positionBefore(index, 1)).toEqual({ offset: 0, newlines: 0 })
    expect(positionBefore(index, 102)).toEqual({ offset: spacing, newlines: 100 })
    expect(positionBefore(index, 250)).toEqual({ offset: 3 * spacing, newlines: 200 })
    expect(positionBefore(index, 10_000)).toEqual({ offset: 4 * spacing, newlines: 350 })
  })

  it('does not start in the middle of the line it looks for', () => {
    const index = createLineIndex()
    addCheckpoint(index, { offset: index.spacing, newlines: 100 })
    expect(positionBefore(index, 101)).toEqual({ offset: 0, newlines: 0 })
  })

  it('keeps no checkpoint that leaves a gap, and none twice', () => {
    const index = createLineIndex()
    addCheckpoint(index, { offset: 2 * index.spacing, newlines: 7 })
    addCheckpoint(index, { offset: index.spacing, newlines: 3 })
    addCheckpoint(index, { offset: index.spacing, newlines: 4 })
    expect(index.checkpoints).toEqual([0, 3])
  })

  it('stays small for a file of any size', () => {
    const size = 2 ** 50
    expect(size / createLineIndex(size).spacing).toBeLessThanOrEqual(16_384)
    const endless = createLineIndex()
    for (let ordinal = 1; ordinal < 50_000; ordinal++) {
      addCheckpoint(endless, { offset: ordinal * endless.spacing, newlines: ordinal })
    }
    expect(endless.checkpoints.length).toBeLessThanOrEqual(16_384)
  })

  it('is forgotten when newer ones need the room', () => {
    const indexes = createLineIndexes()
    for (let file = 0; file < 200; file++) {
      const index = createLineIndex()
      index.checkpoints.push(...Array.from({ length: 16_000 }, (_, ordinal) => ordinal))
      indexes.set(`file ${file}`, index)
    }
    expect(indexes.has('file 0')).toBe(false)
    expect(indexes.has('file 199')).toBe(true)
    expect(indexes.calculatedSize).toBeLessThanOrEqual(8 * mebibyte)
  })
})
