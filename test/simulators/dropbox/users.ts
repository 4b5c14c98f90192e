import type { team as teams, users } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import { type Account, nameOf, rootInfoOf, team } from './accounts.ts'
import type { ArgumentOf } from './arguments.ts'
import type { Call } from './call.ts'
import { usedSpace } from './state.ts'

export function currentAccount({ account }: Call): users.FullAccount {
  if (!account) throw new Error('The route is one of a user.')
  const { memberId } = account
  return {
    account_id: account.accountId,
    name: nameOf(account),
    email: account.email,
    email_verified: true,
    disabled: false,
    country: 'US',
    locale: 'en',
    referral_link: 'https://db.tt/ZITNuhtI',
    ...(memberId !== undefined && { team: fullTeam, team_member_id: memberId }),
    is_paired: false,
    account_type: { '.tag': memberId === undefined ? 'basic' : 'business' },
    root_info: rootInfoOf(account),
  }
}

const fullTeam: users.FullTeam = {
  ...team,
  sharing_policies: {
    shared_folder_member_policy: { '.tag': 'anyone' },
    shared_folder_join_policy: { '.tag': 'from_anyone' },
    shared_link_create_policy: { '.tag': 'default_public' },
    group_creation_policy: { '.tag': 'admins_only' },
    shared_folder_link_restriction_policy: { '.tag': 'anyone' },
    enforce_link_password_policy: { '.tag': 'optional' },
    default_link_expiration_days_policy: { '.tag': 'none' },
    shared_link_default_permissions_policy: { '.tag': 'default' },
  },
  office_addin_policy: { '.tag': 'disabled' },
  top_level_content_policy: { '.tag': 'admin_only' },
}

export function spaceUsage({ state, account }: Call): users.SpaceUsage {
  const used = usedSpace(state)
  const { allocated } = state
  if (account?.memberId === undefined) return { used, allocation: { '.tag': 'individual', allocated } }
  return {
    used,
    allocation: {
      '.tag': 'team',
      used,
      allocated,
      user_within_team_space_allocated: 0,
      user_within_team_space_limit_type: { '.tag': 'off' },
      user_within_team_space_used_cached: used,
    },
  }
}

export function membersInfo({ state }: Call, { members }: ArgumentOf<'membersInfo'>): teams.MembersGetInfoResult {
  return members.map(({ tag, value }) => {
    const found = state.accounts.find((account) =>
      tag === 'email' ? account.email === value : tag === 'team_member_id' && account.memberId === value,
    )
    return found ? { '.tag': 'member_info', ...memberInfo(found) } : { '.tag': 'id_not_found', id_not_found: value }
  })
}

const memberInfo = (account: Account): teams.TeamMemberInfo => ({
  profile: {
    team_member_id: account.memberId ?? '',
    account_id: account.accountId,
    email: account.email,
    email_verified: true,
    status: { '.tag': 'active' },
    name: nameOf(account),
    membership_type: { '.tag': 'full' },
    groups: [],
    member_folder_id: account.home,
    root_folder_id: account.root,
  },
  role: { '.tag': account.isAdmin ? 'team_admin' : 'member_only' },
})
