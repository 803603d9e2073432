import { Button, Menu } from '@mantine/core'
import type { Environment, Service } from '../../contract/shapes.ts'
import { useRedeploy } from '../data/changes.ts'
import { useMayIn } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { ProblemDialog } from '../parts/problem-dialog.tsx'
import type { Dropped } from '../upload/dropped.ts'
import { chooseArchive, chooseFolder } from '../upload/file-dialog.ts'

interface DeployMenuProps {
  service: Service
  environment: Environment
  isDisabled: boolean
  onChosen: (dropped: Dropped) => void
}

/** Everything that can become live here: an archive, a folder, or what another environment has live. */
export function DeployMenu({ service, environment, isDisabled, onChosen }: DeployMenuProps) {
  const redeploy = useRedeploy()
  const may = useMayIn(service, environment)
  const sources = service.environments.filter(
    (other) =>
      may('deployments:promote') &&
      other.id !== environment.id &&
      other.live?.bundle &&
      other.live.bundle !== environment.live?.bundle,
  )
  if (!may('deployments:deploy') && sources.length === 0) return null
  const promote = (source: Environment) =>
    redeploy.mutate({
      service: service.name,
      environment: environment.name,
      source: { promoteFrom: source.name },
    })
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={250} withinPortal>
        <Menu.Target>
          <Button
            size="sm"
            variant={environment.live ? 'default' : 'filled'}
            h={34}
            px={14}
            disabled={isDisabled}
            loading={redeploy.isPending}
            rightSection={<Icon name="chevron" size={15} />}
            aria-label={`Deploy to ${environment.name} of ${service.name}`}
          >
            Deploy
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {may('deployments:deploy') && (
            <>
              <Menu.Item leftSection={<Icon name="archive" />} onClick={() => chooseArchive(onChosen)}>
                Choose an archive…
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="folder" />} onClick={() => chooseFolder(onChosen)}>
                Choose a folder…
              </Menu.Item>
            </>
          )}
          {sources.map((source) => (
            <Menu.Item key={source.id} leftSection={<Icon name="promote" />} onClick={() => promote(source)}>
              Promote what {source.name} has live
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ProblemDialog thrown={redeploy.error} onClose={redeploy.reset} />
    </>
  )
}
