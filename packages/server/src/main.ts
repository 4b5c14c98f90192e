#!/usr/bin/env node
import { useCompileCache } from './compile-cache.ts'
import { keepYoungGenerationSmall } from './young-generation.ts'

// Before anything else is loaded, so that everything else is found compiled at the next start.
useCompileCache()
const { run } = await import('./cli/run.ts')
keepYoungGenerationSmall()
await run(process.argv.slice(2))
