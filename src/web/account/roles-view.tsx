import { Button, Checkbox, Skeleton } from '@mantine/core'
import { useState } from 'react'
import type { Role } from '../../contract/shapes/account.ts'
import { PERMISSIONS, type Permission } from '../../domain/access.ts'
import { useRoles } from '../data/account.ts'
import { api, ifMatch } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { useMay } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { DeleteDialog } from '../parts/delete-dialog.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { isName, NameField } from '../parts/name-field.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Trail } from '../parts/trail.tsx'
import { pathTo, useTitle } from '../router.tsx'
import styles from './account.module.css'

type Dialog = { kind: 'new' } | { kind: 'change' | 'delete'; role: Role }

/** Named sets of permissions: those that come with Fairlead, and one's own. */
export function RolesView() {
  const heading = useTitle('Roles')
  const roles = useRoles()
  const may = useMay()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = () => setDialog(null)
  return (
    <>
      <Trail
        ways={[
          { text: 'Services', href: pathTo.services() },
          { text: 'Users', href: pathTo.users() },
        ]}
      />
      <div className={styles.head}>
        <h1 ref={heading} tabIndex={-1}>
          Roles
        </h1>
        {may('roles:create') && (
          <Button leftSection={<Icon name="plus" />} onClick={() => setDialog({ kind: 'new' })}>
            New role
          </Button>
        )}
      </div>
      <ThrownNotice thrown={roles.error} />
      {roles.isPending && <Skeleton height={320} radius={12} />}
      {roles.data && (
        <ul className={styles.list} aria-label="Roles">
          {roles.data.map((role) => (
            <RoleRow key={role.name} role={role} onDialog={(kind) => setDialog({ kind, role })} />
          ))}
        </ul>
      )}
      {dialog?.kind === 'new' && <RoleDialog onClose={close} />}
      {dialog?.kind === 'change' && <RoleDialog role={dialog.role} onClose={close} />}
      {dialog?.kind === 'delete' && <DeleteRole role={dialog.role} onClose={close} />}
    </>
  )
}

function RoleRow({ role, onDialog }: { role: Role; onDialog: (kind: 'change' | 'delete') => void }) {
  const may = useMay()
  return (
    <li className={styles.row}>
      <div className={styles.main}>
        <span className={styles.name}>{role.name}</span>
        <dl className={styles.nouns}>
          {nounsOf(role.permissions).map(([noun, verbs]) => (
            <div key={noun} className={styles.noun}>
              <dt>{noun}</dt>
              <dd>{verbs.map((permission) => verbOf(permission)).join(', ')}</dd>
            </div>
          ))}
        </dl>
      </div>
      {role.builtIn ? (
        <span className={styles.tag}>Comes with Fairlead</span>
      ) : (
        <div className={styles.buttons}>
          {may('roles:update') && (
            <Button
              variant="default"
              size="sm"
              aria-label={`Change the role ${role.name}`}
              onClick={() => onDialog('change')}
            >
              Change
            </Button>
          )}
          {may('roles:delete') && (
            <Button
              variant="default"
              size="sm"
              aria-label={`Delete the role ${role.name}`}
              onClick={() => onDialog('delete')}
            >
              Delete
            </Button>
          )}
        </div>
      )}
    </li>
  )
}

const verbOf = (permission: Permission) => permission.slice(permission.indexOf(':') + 1)

function nounsOf(permissions: readonly Permission[]): [string, Permission[]][] {
  const nouns = new Map<string, Permission[]>()
  for (const permission of permissions) {
    const noun = permission.slice(0, permission.indexOf(':'))
    nouns.set(noun, [...(nouns.get(noun) ?? []), permission])
  }
  return [...nouns]
}

function RoleDialog({ role, onClose }: { role?: Role; onClose: () => void }) {
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<ReadonlySet<Permission>>(new Set(role?.permissions))
  const permissions = PERMISSIONS.filter((permission) => chosen.has(permission))
  const save = useChange(async () => {
    const { value } = role
      ? await api.call('roles.update', {
          params: { name: role.name },
          headers: ifMatch(role),
          json: { permissions },
        })
      : await api.call('roles.create', { json: { name, permissions } })
    return value
  })
  return (
    <FormDialog
      title={role ? `Change ${role.name}` : 'New role'}
      action={role ? 'Save' : 'Make the role'}
      isPending={save.isPending}
      problem={save.error}
      onSubmit={() => (role || isName(name)) && save.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      {!role && <NameField label="Name" value={name} onChange={setName} />}
      <PermissionField value={chosen} onChange={setChosen} />
      {role && <p className={styles.more}>It holds from now on for everybody who has this role.</p>}
    </FormDialog>
  )
}

interface PermissionFieldProps {
  value: ReadonlySet<Permission>
  onChange: (permissions: ReadonlySet<Permission>) => void
}

/** What one does not have oneself can't be given away; the server says so too. */
function PermissionField({ value, onChange }: PermissionFieldProps) {
  const may = useMay()
  const toggle = (permission: Permission, isOn: boolean) => {
    const next = new Set(value)
    if (isOn) next.add(permission)
    else next.delete(permission)
    onChange(next)
  }
  return (
    <fieldset className={styles.permissions}>
      <legend>What it may do</legend>
      {nounsOf(PERMISSIONS).map(([noun, permissions]) => (
        <div key={noun} className={styles.noun} role="group" aria-label={noun}>
          <span>{noun}</span>
          <div className={styles.verbs}>
            {permissions.map((permission) => (
              <Checkbox
                key={permission}
                size="xs"
                label={verbOf(permission)}
                checked={value.has(permission)}
                disabled={!may(permission)}
                onChange={(event) => toggle(permission, event.currentTarget.checked)}
              />
            ))}
          </div>
        </div>
      ))}
    </fieldset>
  )
}

function DeleteRole({ role, onClose }: { role: Role; onClose: () => void }) {
  const remove = useChange(() =>
    api.call('roles.delete', { params: { name: role.name }, headers: ifMatch(role) }),
  )
  return (
    <DeleteDialog
      title={`Delete ${role.name}`}
      name={role.name}
      isPending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      Only a role that nobody holds, and no invitation promises, can be deleted.
    </DeleteDialog>
  )
}
