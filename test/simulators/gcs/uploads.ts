import { ApiError, invalid } from './api-error.ts'
import { findBucket } from './buckets.ts'
import { contentOf } from './content.ts'
import { type Answer, type Exchange, oneHeader, place, readBody } from './exchange.ts'
import { parseJsonObject } from './json.ts'
import { boundaryOf, parseMultipart } from './multipart.ts'
import { showObject } from './objects.ts'
import { planUpload } from './plan-upload.ts'
import { startUpload } from './resumable.ts'
import { storeObject } from './storing.ts'

async function uploadMedia(exchange: Exchange): Promise<Answer> {
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  const plan = planUpload(exchange, bucket, {}, oneHeader(exchange.headers, 'content-type'))
  const content = contentOf([await readBody(exchange.incoming)])
  const object = await storeObject(bucket, plan, content)
  return showObject(exchange, { bucket, object }, plan.keySha256)
}

async function uploadMultipart(exchange: Exchange): Promise<Answer> {
  const boundary = boundaryOf(oneHeader(exchange.headers, 'content-type'), 'multipart/related')
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  const [description, media, ...more] = parseMultipart(await readBody(exchange.incoming), boundary)
  if (!description || !media || more.length > 0) throw invalid('A multipart upload has two parts: metadata and media.')
  if (!/^application\/json\b/i.test(description.headers['content-type'] ?? '')) {
    throw new ApiError(400, 'badContent', 'The first part of a multipart upload has to be application/json.')
  }
  const body = parseJsonObject(description.body)
  const plan = planUpload(exchange, bucket, body, media.headers['content-type'])
  const encoding = media.headers['content-transfer-encoding']?.toLowerCase()
  const bytes = encoding === 'base64' ? Buffer.from(media.body.toString('latin1'), 'base64') : media.body
  const object = await storeObject(bucket, plan, contentOf([bytes]))
  return showObject(exchange, { bucket, object }, plan.keySha256)
}

type Upload = (exchange: Exchange) => Promise<Answer>

const kinds: Readonly<Record<string, Upload>> = {
  media: uploadMedia,
  multipart: uploadMultipart,
  resumable: startUpload,
}

/** POST below /upload: one request, or the start of a session. */
export async function insertObject(exchange: Exchange): Promise<Answer> {
  const upload = kinds[exchange.query.get('uploadType') ?? '']
  if (!upload) throw wrongUrl()
  return upload(exchange)
}

/** POST of an object where the metadata is: the service takes bytes below /upload only. */
export function insertElsewhere(): Answer {
  throw wrongUrl()
}

const wrongUrl = (): ApiError =>
  new ApiError(
    400,
    'wrongUrlForUpload',
    'Upload requests must include an uploadType URL parameter and a URL path beginning with /upload/',
  )
