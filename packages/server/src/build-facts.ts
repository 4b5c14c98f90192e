import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BuildFacts } from './routes/health.ts'

/** The version from the package, and when it was built if it was. */
export function readBuildFacts(): BuildFacts {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const found: unknown = typeof manifest === 'object' && manifest ? Reflect.get(manifest, 'version') : undefined
  const version = typeof found === 'string' ? found : 'unknown'
  const self = fileURLToPath(import.meta.url)
  return { version, built: self.endsWith('.js') ? statSync(self).mtime.toISOString() : null }
}
