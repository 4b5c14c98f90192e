import type { ErrorCode } from '@filegate/core'
import type sharpLibrary from 'sharp'
import type { Sharp } from 'sharp'
import type { IsolateReply } from '../isolated/isolated-runner.ts'
import type { ThumbnailRequest } from './thumbnail-request.ts'

/** A process of its own: decoders are native code, which a thread cannot be stopped in and which would take us along. */
export interface ThumbnailTask extends ThumbnailRequest {
  readonly picture: Uint8Array
}

/** The decoders that may run; the library has many more, and each is a door. */
const decoders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Svg'].map((name) => `VipsForeignLoad${name}Buffer`)
/** Pixels of a picture; decoded, each takes four bytes. */
const mostPixels = 100_000_000
/** A vector graphic can describe any amount of work in a few lines; the deadline of the process bounds that. */
const mostSvgBytes = 8 * 1024 * 1024
const seconds = 20

const white = { r: 255, g: 255, b: 255, alpha: 1 }
const transparent = { r: 255, g: 255, b: 255, alpha: 0 }

class Refusal extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

async function loadLibrary(): Promise<typeof sharpLibrary> {
  try {
    const { default: sharp } = await import('sharp')
    sharp.concurrency(1)
    sharp.cache(false)
    sharp.block({ operation: ['VipsForeignLoad'] })
    sharp.unblock({ operation: decoders })
    return sharp
  } catch (cause) {
    const message = 'Thumbnails are switched on, but the package sharp that makes them cannot be loaded here.'
    throw new Refusal('Unsupported', message, cause)
  }
}

const library = loadLibrary()
// It is awaited with the first task; until then nobody is there to be told.
library.catch(() => {})

async function perform({ picture, width, height, fit, format, quality }: ThumbnailTask): Promise<Uint8Array> {
  const sharp = await library
  if (picture.length === 0) throw new Refusal('InvalidArgument', 'The file is empty, so there is no picture in it.')
  const image = sharp(picture, { limitInputPixels: mostPixels, sequentialRead: true, failOn: 'error', animated: false })
  const { format: found } = await image.metadata().catch(refuse)
  if (found === 'svg' && picture.length > mostSvgBytes)
    throw new Refusal('TooLarge', 'The vector graphic is too large.')
  const background = format === 'jpeg' ? white : transparent
  const resized = image
    .autoOrient()
    .resize({ width, height, fit, background, withoutEnlargement: fit === 'inside' && found !== 'svg' })
    .timeout({ seconds })
  const flat = format === 'jpeg' ? resized.flatten({ background: white }) : resized
  return encoded(flat, format, quality).toBuffer().catch(refuse)
}

function encoded(image: Sharp, format: ThumbnailRequest['format'], quality: number): Sharp {
  const encoders: Readonly<Record<ThumbnailRequest['format'], () => Sharp>> = {
    webp: () => image.webp({ quality }),
    jpeg: () => image.jpeg({ quality, mozjpeg: true }),
    png: () => (quality < 100 ? image.png({ quality, palette: true }) : image.png()),
    avif: () => image.avif({ quality, effort: 2 }),
  }
  return encoders[format]()
}

/** The words of the library are about its insides; these are about the file. */
function refuse(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error)
  if (message.includes('pixel limit')) {
    throw new Refusal('TooLarge', `The picture has more than ${mostPixels} pixels, too many for a thumbnail.`, error)
  }
  if (message.startsWith('timeout')) throw new Refusal('TimedOut', 'The picture takes too long to decode.', error)
  throw new Refusal(
    'InvalidArgument',
    'The file is no picture that can be decoded (jpeg, png, webp, gif, avif, svg).',
    error,
  )
}

process.on('message', (task: ThumbnailTask) => {
  const answer = (reply: IsolateReply<Uint8Array>): void => void process.send?.(reply)
  perform(task).then(
    (result) => answer({ result }),
    (error: unknown) =>
      answer(
        error instanceof Refusal
          ? { code: error.code, problem: error.message }
          : { code: 'Unexpected', problem: String(error) },
      ),
  )
})
// The server is gone, however it went.
process.on('disconnect', () => process.exit())
process.send?.({ started: true } satisfies IsolateReply<Uint8Array>)
