import { ActionIcon, Menu } from '@mantine/core'
import { useState } from 'react'
import type { Environment, Service } from '../../contract/shapes.ts'
import { useUpdateEnvironment } from '../data/changes.ts'
import { useMayIn } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { ProblemDialog } from '../parts/problem-dialog.tsx'
import { type EnvironmentDialog, EnvironmentDialogs } from './environment-dialogs.tsx'

interface EnvironmentMenuProps {
  service: Service
  environment: Environment
  index: number
  canMoveUp: boolean
  canMoveDown: boolean
}

export function EnvironmentMenu({ service, environment, ...position }: EnvironmentMenuProps) {
  const [dialog, setDialog] = useState<EnvironmentDialog | null>(null)
  const move = useUpdateEnvironment(environment)
  const may = useMayIn(service, environment)
  const { index, canMoveUp, canMoveDown } = position
  if (!may('environments:update') && !may('environments:delete')) return null
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={200} withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="default"
            size={34}
            disabled={environment.deleting}
            aria-label={`More for ${environment.name}`}
          >
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {may('environments:update') && (
            <>
              <Menu.Item
                leftSection={<Icon name="up" />}
                disabled={!canMoveUp}
                onClick={() => move.mutate({ position: index - 1 })}
              >
                Move up
              </Menu.Item>
              <Menu.Item
                leftSection={<Icon name="down" />}
                disabled={!canMoveDown}
                onClick={() => move.mutate({ position: index + 1 })}
              >
                Move down
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="edit" />} onClick={() => setDialog('rename')}>
                Rename…
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="settings" />} onClick={() => setDialog('settings')}>
                Settings…
              </Menu.Item>
            </>
          )}
          {may('environments:delete') && (
            <Menu.Item leftSection={<Icon name="trash" />} onClick={() => setDialog('delete')}>
              Delete…
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ProblemDialog thrown={move.error} onClose={move.reset} />
      <EnvironmentDialogs environment={environment} dialog={dialog} onClose={() => setDialog(null)} />
    </>
  )
}
