import { invalid, required } from './api-error.ts'

const bucketName = /^[a-z0-9][-a-z0-9_.]*[a-z0-9]$/

/** cloud.google.com/storage/docs/buckets#naming */
export function checkBucketName(name: string | undefined): string {
  if (name === undefined || name === '') throw required('name')
  const parts = name.split('.')
  const fits =
    bucketName.test(name) &&
    name.length >= 3 &&
    name.length <= (parts.length > 1 ? 222 : 63) &&
    parts.every((part) => part.length >= 1 && part.length <= 63) &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !name.startsWith('goog') &&
    !/google|g00gle/.test(name)
  if (!fits) throw invalid(`Invalid bucket name: '${name}'`)
  return name
}

/** cloud.google.com/storage/docs/objects#naming */
export function checkObjectName(name: string | undefined): string {
  if (name === undefined || name === '') throw required('name')
  const bytes = Buffer.byteLength(name)
  if (bytes > 1024) {
    throw invalid(`The maximum object length is 1024 characters, but got a name with ${bytes} characters: '${name}'`)
  }
  // A lone surrogate is no Unicode character either.
  if (/[\r\n]/.test(name) || !name.isWellFormed()) {
    throw invalid(`Disallowed unicode characters present in object name '${name}'`)
  }
  if (name === '.' || name === '..' || name.startsWith('.well-known/acme-challenge/')) {
    throw invalid(`Invalid object name: '${name}'`)
  }
  return name
}
