import { describe, expect, it } from 'vitest'
import { programProfile } from './program-profile.ts'

const files = `
[default]
aws_access_key_id = a
[profile "tool"]
credential_process = /bin/key-tool
[role]
role_arn = arn:aws:iam::1:role/x
source_profile = tool
[circle]
source_profile = circle
[spaced ]
  credential_process=x
[split]
region = eu-west-1
[profile split]
credential_process = x
`

describe('a profile that gets its key from a program', () => {
  it.each(['tool', 'spaced', 'split'])('%s is one', (name) => {
    expect(programProfile(files, name)).toBe(name)
  })

  it('is found behind the profile that builds on it', () => {
    expect(programProfile(files, 'role')).toBe('tool')
  })

  it.each(['default', 'circle', 'missing'])('%s is none', (name) => {
    expect(programProfile(files, name)).toBeUndefined()
  })
})
