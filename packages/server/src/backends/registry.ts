import { type DriverDefinition, StorageError } from '@filegate/core'

/** Loads a definition. The vendor's library is loaded later, by `connect`. */
export type LoadDefinition = () => Promise<DriverDefinition>

/** Every provider there is, by slug. */
const providers: Readonly<Record<string, LoadDefinition>> = {
  azureblob: async () => (await import('@filegate/driver-azure')).azureblob,
  azurefiles: async () => (await import('@filegate/driver-azure')).azurefiles,
  drive: async () => (await import('@filegate/driver-gdrive')).default,
  dropbox: async () => (await import('@filegate/driver-dropbox')).default,
  ftp: async () => (await import('@filegate/driver-ftp')).default,
  'google-cloud-storage': async () => (await import('@filegate/driver-gcs')).default,
  onedrive: async () => (await import('@filegate/driver-onedrive')).default,
  s3: async () => (await import('@filegate/driver-s3')).default,
}

export interface Registry {
  /** Sorted. */
  readonly slugs: readonly string[]
  has(slug: string): boolean
  /** @throws StorageError `NotFound` naming the providers there are */
  load(slug: string): Promise<DriverDefinition>
}

export function createRegistry(loaders: Readonly<Record<string, LoadDefinition>> = providers): Registry {
  const bySlug = new Map(Object.entries(loaders))
  const slugs = [...bySlug.keys()].sort()
  return {
    slugs,
    has: (slug) => bySlug.has(slug),
    async load(slug) {
      const load = bySlug.get(slug)
      if (load) return load()
      const asked = JSON.stringify(slug.slice(0, 60))
      throw new StorageError('NotFound', `There is no provider ${asked}. The providers are: ${slugs.join(', ')}.`)
    },
  }
}

/** The name that the API gives to the kind of a backend: `google-cloud-storage` is `google cloud storage`. */
export const backendType = (slug: string): string => slug.replaceAll('-', ' ')

/** The `type` of a backend in responses. */
export const responseType = ({ category }: Pick<DriverDefinition, 'category'>): string =>
  category === 'cloud' ? 'backend' : category

/** What a successful connection is answered with. */
export const connectedMessage = ({ category, title }: Pick<DriverDefinition, 'category' | 'title'>): string =>
  category === 'cloud' ? `${title} backend connected successfully` : 'Backend connected successfully'
