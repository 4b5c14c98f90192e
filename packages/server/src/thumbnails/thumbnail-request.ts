import { StorageError } from '@filegate/core'
import { preferredType } from '../http/accept.ts'
import type { Query } from '../http/query.ts'

export const fits = ['cover', 'contain', 'fill', 'inside', 'outside'] as const
export const thumbnailFormats = ['webp', 'jpeg', 'png', 'avif'] as const
export type ThumbnailFormat = (typeof thumbnailFormats)[number]

/** What kind of thumbnail is wanted. */
export interface ThumbnailRequest {
  /** Pixels; where one of the two is missing it follows from the other and the shape of the picture. */
  readonly width: number | undefined
  readonly height: number | undefined
  readonly fit: (typeof fits)[number]
  readonly format: ThumbnailFormat
  /** 1 to 100. */
  readonly quality: number
}

const smallest = 1
const largest = 2000
/** Both sides when nothing is said. */
const usualSize = 320
/** Looks alike in each format. PNG loses nothing; there it is how hard the encoder tries to save colours. */
const usualQuality: Readonly<Record<ThumbnailFormat, number>> = { webp: 80, jpeg: 82, png: 100, avif: 55 }

/**
 * Reads `width`, `height`, `size` (`320` or `320x200`), `fit`, `format` and `quality`. Without `format` the `Accept`
 * header decides between those that browsers can show.
 * @throws StorageError `InvalidArgument` that names the parameter.
 */
export function thumbnailRequest(query: Query, accept: string | undefined): ThumbnailRequest {
  const format = query.choice('format', thumbnailFormats) ?? acceptedFormat(accept)
  return {
    ...dimensions(query),
    fit: query.choice('fit', fits) ?? 'inside',
    format,
    quality: query.integer('quality', { default: usualQuality[format], min: 1, max: 100 }),
  }
}

function acceptedFormat(accept: string | undefined): ThumbnailFormat {
  const type = preferredType(
    accept,
    thumbnailFormats.map((format) => `image/${format}` as const),
  )
  return thumbnailFormats.find((format) => type === `image/${format}`) ?? 'webp'
}

function dimensions(query: Query): Pick<ThumbnailRequest, 'width' | 'height'> {
  const size = query.text('size')
  if (size === undefined) {
    const width = side(query, 'width')
    const height = side(query, 'height')
    return width === undefined && height === undefined ? { width: usualSize, height: usualSize } : { width, height }
  }
  if (query.has('width') || query.has('height')) {
    throw new StorageError('InvalidArgument', "Use either the parameter 'size' or 'width' and 'height', not both.")
  }
  const [, width, height = width] = /^(\d{1,4})(?:x(\d{1,4}))?$/.exec(size) ?? []
  if (width === undefined || height === undefined || !inBounds(Number(width)) || !inBounds(Number(height))) {
    const wanted = `takes a number from ${smallest} to ${largest} or two with an x between them`
    throw new StorageError('InvalidArgument', `Parameter 'size' ${wanted}, not ${JSON.stringify(size)}.`)
  }
  return { width: Number(width), height: Number(height) }
}

const inBounds = (pixels: number): boolean => pixels >= smallest && pixels <= largest

function side(query: Query, name: 'width' | 'height'): number | undefined {
  if (!query.has(name)) return undefined
  return query.integer(name, { default: usualSize, min: smallest, max: largest })
}
