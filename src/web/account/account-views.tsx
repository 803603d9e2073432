import type { View } from '../router.tsx'
import { AuditView } from './audit-view.tsx'
import { ProfileView } from './profile-view.tsx'
import { ProvidersView } from './providers-view.tsx'
import { RolesView } from './roles-view.tsx'
import { UserView } from './user-view.tsx'
import { UsersView } from './users-view.tsx'

/** The views of accounts, in a file of their own that is loaded when one is first looked at. */
export default function AccountViews({ view }: { view: View }) {
  if (view.name === 'profile') return <ProfileView />
  if (view.name === 'users') return <UsersView />
  if (view.name === 'user') return <UserView id={view.id} />
  if (view.name === 'identity-providers') return <ProvidersView />
  if (view.name === 'roles') return <RolesView />
  return <AuditView />
}
