import type { DriverDefinition } from '@filegate/core'
import { backendType } from '../backends/registry.ts'
import { type Administration, administered, json } from './administration.ts'

/** GET /api/v1/providers */
export async function listProviders(request: Administration): Promise<Response> {
  const { registry } = administered(request, 'look')
  const definitions = await Promise.all(registry.slugs.map((slug) => registry.load(slug)))
  const providers = definitions.map((definition) => shown(request, definition))
  return json(request.reply, 200, { providers, count: providers.length })
}

/** GET /api/v1/providers/{slug}: all that a form to connect one needs. */
export async function showProvider(request: Administration, slug: string): Promise<Response> {
  const definition = await administered(request, 'look').registry.load(slug)
  const { describeOptions } = await import('@filegate/core/options')
  return json(request.reply, 200, {
    ...shown(request, definition),
    options: describeOptions(definition.options).jsonSchema,
  })
}

function shown({ settings }: Administration, { slug, title, category, proof, oauth }: DriverDefinition): object {
  return { slug, backend_type: backendType(slug), title, category, proof, ...(oauth && logIn(settings, slug)) }
}

/** That users allow access at the vendor, and whether they need no client of their own for it. */
const logIn = ({ oauthClients = {} }: Administration['settings'], slug: string): object => ({
  oauth: { server_client: Object.hasOwn(oauthClients, slug) },
})
