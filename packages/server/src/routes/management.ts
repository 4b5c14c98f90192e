import type { Administration } from './administration.ts'

export interface ManagementRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api/v1`. */
  readonly path: string
  readonly answer: (request: Administration, name: string) => Promise<Response>
}

const backends = () => import('./backends.ts')
const authorize = () => import('./authorize.ts')
const providers = () => import('./providers.ts')
const journal = () => import('./journal.ts')
const trash = () => import('./trash.ts')

/** What is not about one file, loaded when it is asked for. `:name` is a provider or an identifier. */
export const management: readonly ManagementRoute[] = [
  { method: 'GET', path: '/backends', answer: async (request) => (await backends()).listBackends(request) },
  {
    method: 'GET',
    path: '/backends/:name',
    answer: async (request, id) => (await backends()).showBackend(request, id),
  },
  {
    method: 'GET',
    path: '/backends/:name/test',
    answer: async (request, id) => (await backends()).testBackend(request, id),
  },
  {
    method: 'GET',
    path: '/backends/:name/authorize',
    answer: async (request, id) => (await authorize()).startAuthorization(request, id),
  },
  {
    method: 'GET',
    path: '/oauth/callback',
    answer: async (request) => (await authorize()).finishAuthorization(request),
  },
  {
    method: 'POST',
    path: '/backends/:name',
    answer: async (request, slug) => (await backends()).connectBackend(request, slug),
  },
  {
    method: 'PUT',
    path: '/backends/:name',
    answer: async (request, id) => (await backends()).rotateBackend(request, id),
  },
  {
    method: 'DELETE',
    path: '/backends/:name',
    answer: async (request, id) => (await backends()).removeBackend(request, id),
  },
  { method: 'GET', path: '/providers', answer: async (request) => (await providers()).listProviders(request) },
  {
    method: 'GET',
    path: '/providers/:name',
    answer: async (request, slug) => (await providers()).showProvider(request, slug),
  },
  { method: 'GET', path: '/trash', answer: async (request) => (await trash()).listTrash(request) },
  { method: 'DELETE', path: '/trash', answer: async (request) => (await trash()).emptyTrash(request) },
  {
    method: 'DELETE',
    path: '/trash/:name',
    answer: async (request, id) => (await trash()).removeFromTrash(request, id),
  },
  { method: 'GET', path: '/journal', answer: async (request) => (await journal()).listJournal(request) },
  { method: 'GET', path: '/journal/stats', answer: async (request) => (await journal()).journalStats(request) },
  { method: 'POST', path: '/journal/flush', answer: async (request) => (await journal()).flushJournal(request) },
]

/** The methods that a path below `/api/v1` takes; undefined when it manages nothing. */
export function managementMethods(path: string): readonly string[] | undefined {
  const segments = path.split('/')
  const fits = (route: ManagementRoute): boolean => {
    const template = route.path.split('/')
    return (
      template.length === segments.length &&
      template.every((part, place) => part === ':name' || part === segments[place])
    )
  }
  const methods = management.filter(fits).flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  return methods.length > 0 ? [...methods, 'OPTIONS'] : undefined
}
