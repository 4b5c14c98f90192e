import { describe, expect, it } from 'vitest'
import { parseEndpoint } from './endpoint.ts'

describe('an endpoint', () => {
  it.each([
    ['', { inHost: false }],
    ['s3.us-east-1.amazonaws.com', { region: 'us-east-1', inHost: false }],
    ['https://s3.amazonaws.com', { inHost: false }],
    ['s3-eu-west-1.amazonaws.com', { region: 'eu-west-1', inHost: false }],
    ['photos.s3.eu-central-1.amazonaws.com', { region: 'eu-central-1', bucket: 'photos', inHost: true }],
    ['https://s3.eu-west-1.amazonaws.com/photos/', { region: 'eu-west-1', bucket: 'photos', inHost: false }],
    ['nyc3.digitaloceanspaces.com', { url: 'https://nyc3.digitaloceanspaces.com', region: 'nyc3', inHost: false }],
    [
      'my.photos.nyc3.digitaloceanspaces.com',
      { url: 'https://nyc3.digitaloceanspaces.com', region: 'nyc3', bucket: 'my.photos', inHost: true },
    ],
    ['localhost:8333', { url: 'https://localhost:8333', inHost: false }],
    ['http://127.0.0.1:9000', { url: 'http://127.0.0.1:9000', inHost: false }],
    ['http://127.0.0.1:9000/photos', { url: 'http://127.0.0.1:9000', bucket: 'photos', inHost: false }],
    ['http://minio.example.com/a/b/c/', { url: 'http://minio.example.com/a/b/c', inHost: false }],
  ])('%s', (text, endpoint) => {
    expect(JSON.parse(JSON.stringify(parseEndpoint(text)))).toEqual(endpoint)
  })

  it.each([
    'ftp://host',
    'http://user:pw@host',
    'https://',
    'http://host?query',
    'a b',
    'http://:pw@host',
    'http://host/%zz',
    'http://host/%ff',
  ])('%j is none', (text) => {
    expect(() => parseEndpoint(text)).toThrow('must be a host or a URL')
  })
})
