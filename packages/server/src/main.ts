#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Before anything else is loaded, so that everything else is found compiled at the next start.
enableCompileCache()
const { run } = await import('./cli/run.ts')
await run(process.argv.slice(2))
