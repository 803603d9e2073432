import { Button, Menu } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { Whoami } from '../../contract/shapes/session.ts'
import { api } from '../data/api.ts'
import { useOpenDrift } from '../data/drift.ts'
import { useMay } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { ProblemDialog } from '../parts/problem-dialog.tsx'
import { go, pathTo } from '../router.tsx'
import styles from './user-menu.module.css'

function DriftItem() {
  const open = useOpenDrift(true).data?.length ?? 0
  return (
    <Menu.Item leftSection={<Icon name="alert" />} onClick={() => go(pathTo.drift())}>
      {open === 0 ? 'Drift' : `Drift (${open} open)`}
    </Menu.Item>
  )
}

/** Who is signed in, and what belongs to him and to the instance. */
export function UserMenu({ user }: { user: NonNullable<Whoami['user']> }) {
  const may = useMay()
  const signOut = useMutation({
    mutationFn: () => api.call('session.end', {}),
    // Loaded anew, so that nothing of what was seen stays in memory.
    onSuccess: () => location.replace(pathTo.services()),
  })
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={230} withinPortal>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            h={36}
            px={10}
            className={styles.target}
            leftSection={<Icon name="user" />}
            aria-label={`Account of ${user.name}`}
          >
            <span className={styles.name}>{user.name}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label className={styles.login}>{user.login}</Menu.Label>
          <Menu.Item leftSection={<Icon name="user" />} onClick={() => go(pathTo.profile())}>
            Your profile
          </Menu.Item>
          {may('users:read') && (
            <Menu.Item leftSection={<Icon name="users" />} onClick={() => go(pathTo.users())}>
              Users and roles
            </Menu.Item>
          )}
          {may('audit:read') && (
            <Menu.Item leftSection={<Icon name="list" />} onClick={() => go(pathTo.audit())}>
              Audit
            </Menu.Item>
          )}
          {may('drift:read') && <DriftItem />}
          {may('settings:read') && (
            <Menu.Item leftSection={<Icon name="settings" />} onClick={() => go(pathTo.settings())}>
              Settings
            </Menu.Item>
          )}
          <Menu.Item component="a" href="/docs" leftSection={<Icon name="open" />}>
            API and guides
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<Icon name="leave" />} onClick={() => signOut.mutate()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ProblemDialog thrown={signOut.error} onClose={signOut.reset} />
    </>
  )
}
