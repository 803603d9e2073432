import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useEffect } from 'react'
import { useLiveState } from './data/live.ts'
import { DeploymentView } from './deployment/deployment-view.tsx'
import { EnvironmentView } from './environment/environment-view.tsx'
import { Icon, Mark } from './icons.tsx'
import { Announcer } from './parts/announcer.tsx'
import { Link, pathTo, usePath, useTitle, type View, viewOf } from './router.tsx'
import { ServiceList } from './service/service-list.tsx'
import { ServiceView } from './service/service-view.tsx'
import styles from './shell.module.css'
import { useGuardedDrops } from './upload/drop-zone.tsx'
import { uploads } from './upload/uploads.ts'

export function Shell() {
  const path = usePath()
  useGuardedDrops()
  useLeaveWarning()
  return (
    <>
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <header className={styles.header}>
        <div className={styles.inside}>
          <Link href={pathTo.services()} className={styles.brand}>
            <Mark />
            <span>Fairlead</span>
          </Link>
          <LiveMark />
          <SchemeToggle />
        </div>
      </header>
      <main id="content" className={styles.content}>
        <Current key={path} view={viewOf(path)} />
      </main>
      <LostLine />
      <Announcer />
    </>
  )
}

function Current({ view }: { view: View }) {
  if (view.name === 'services') return <ServiceList />
  if (view.name === 'service') return <ServiceView name={view.service} />
  if (view.name === 'environment')
    return <EnvironmentView service={view.service} environment={view.environment} />
  if (view.name === 'deployment') return <DeploymentView id={view.id} />
  return <UnknownView path={view.path} />
}

function UnknownView({ path }: { path: string }) {
  const heading = useTitle('Not found')
  return (
    <div className={styles.unknown}>
      <h1 ref={heading} tabIndex={-1}>
        There is no page at this address
      </h1>
      <p>
        <code>{path}</code> leads nowhere. <Link href={pathTo.services()}>See all services</Link>
      </p>
    </div>
  )
}

function LiveMark() {
  const state = useLiveState()
  const text = { connecting: '…', open: 'Connected', lost: 'Offline' }[state]
  return (
    <span
      className={styles.live}
      data-state={state}
      title="What happens on the server is shown as it happens"
    >
      {text}
    </span>
  )
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme()
  const isDark = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={36}
      c="dimmed"
      aria-label={isDark ? 'Use light colours' : 'Use dark colours'}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      <Icon name={isDark ? 'sun' : 'moon'} />
    </ActionIcon>
  )
}

/** Lies over the page instead of pushing it down. */
function LostLine() {
  const isLost = useLiveState() === 'lost'
  return (
    <div role="status" className={styles.lost} data-shown={isLost || undefined}>
      {isLost && (
        <>
          <Icon name="alert" /> The connection to the server is lost. Trying again…
        </>
      )}
    </div>
  )
}

function useLeaveWarning() {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (uploads.isBusy()) event.preventDefault()
    }
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [])
}
