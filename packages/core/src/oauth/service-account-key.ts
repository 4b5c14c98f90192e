import { z } from 'zod'

const wrong = 'must be the key of a service account: JSON whose type is service_account'

const text = () => z.string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be text') }).min(1)

/** What Google gives out as the key of a service account. Other kinds of keys can name files and programs to run. */
export const serviceAccountKey = z.looseObject({
  type: z.literal('service_account', { error: wrong }),
  client_email: text(),
  private_key: text(),
  private_key_id: z.string().optional(),
  project_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/, error: 'must be a URL' }).default('https://oauth2.googleapis.com/token'),
})

export type ServiceAccountKey = z.output<typeof serviceAccountKey>
