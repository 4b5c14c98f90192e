import { describe, expect, it } from 'vitest'
import { readLiveProvider } from './live-provider.ts'

describe('a provider that the suite may be run on', () => {
  it('comes from the environment, with the folder to work in', () => {
    const variables = {
      FILEGATE_LIVE_GOOGLE_CLOUD_STORAGE: '{"bucket_acl":"private"}',
      FILEGATE_LIVE_GOOGLE_CLOUD_STORAGE_FOLDER: '/bucket/tests/',
      FILEGATE_LIVE_GOOGLE_CLOUD_STORAGE_EXCEPT: '["a rule"]',
    }
    expect(readLiveProvider('google-cloud-storage', variables)).toEqual({
      slug: 'google-cloud-storage',
      variable: 'FILEGATE_LIVE_GOOGLE_CLOUD_STORAGE',
      options: { bucket_acl: 'private' },
      folder: 'bucket/tests',
      except: ['a rule'],
    })
  })

  it('is skipped with the reason where the environment has none', () => {
    expect(readLiveProvider('drive', { FILEGATE_LIVE_DRIVE: '' })).toEqual({
      slug: 'drive',
      reason: expect.stringContaining('FILEGATE_LIVE_DRIVE is not set'),
    })
  })

  it.each([
    [{ FILEGATE_LIVE_DRIVE: '{"token": secret' }, 'FILEGATE_LIVE_DRIVE is no JSON.'],
    [{ FILEGATE_LIVE_DRIVE: '["secret"]' }, 'FILEGATE_LIVE_DRIVE has to be an object'],
    [
      { FILEGATE_LIVE_DRIVE: '{}', FILEGATE_LIVE_DRIVE_EXCEPT: '"secret"' },
      'FILEGATE_LIVE_DRIVE_EXCEPT has to be a list',
    ],
  ])('is refused when it makes no sense, without showing what it is: %s', (variables, message) => {
    expect(() => readLiveProvider('drive', variables)).toThrow(message)
    expect(() => readLiveProvider('drive', variables)).not.toThrow('secret')
  })
})
