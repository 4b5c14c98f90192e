/** What drivers over HTTP have in common below their SDKs: the bodies of answers, of requests, and their second tries. */
export * from './body-feed.ts'
export * from './body-source.ts'
export * from './inflated.ts'
export * from './node-body.ts'
export * from './ranged.ts'
export * from './repeating.ts'
export * from './spooled.ts'
