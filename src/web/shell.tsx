import { ActionIcon, Skeleton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect } from 'react'
import type { Whoami } from '../contract/shapes/session.ts'
import { InvitationView, PasswordResetView, SetUpView } from './account/new-account.tsx'
import { SignIn } from './account/sign-in.tsx'
import { UserMenu } from './account/user-menu.tsx'
import { NoAccountYet, Warnings } from './account/warnings.tsx'
import { followEvents, useLiveState } from './data/live.ts'
import { useSession } from './data/session.ts'
import { DeploymentView } from './deployment/deployment-view.tsx'
import { EnvironmentView } from './environment/environment-view.tsx'
import { Icon, Mark } from './icons.tsx'
import { Announcer } from './parts/announcer.tsx'
import { ThrownNotice } from './parts/problem-notice.tsx'
import { Link, pathTo, usePath, useTitle, type View, viewOf } from './router.tsx'
import { ServiceList } from './service/service-list.tsx'
import { ServiceView } from './service/service-view.tsx'
import styles from './shell.module.css'
import { useGuardedDrops } from './upload/drop-zone.tsx'
import { uploads } from './upload/uploads.ts'

export function Shell() {
  const path = usePath()
  const view = viewOf(path)
  const session = useSession()
  const who = session.data
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
          {who?.kind && <LiveMark />}
          <SchemeToggle />
          {who?.user && <UserMenu user={who.user} />}
        </div>
      </header>
      <main id="content" className={styles.content}>
        {who && <Warnings who={who} isSettingUp={view.name === 'setup'} />}
        {!who && <ThrownNotice thrown={session.error} />}
        {who && <Entrance key={path} view={view} who={who} />}
      </main>
      {who?.kind && <Following />}
      <LostLine />
      <Announcer />
    </>
  )
}

/** Links that lead to an account are for everybody; the rest of the page for who has come in. */
function Entrance({ view, who }: { view: View; who: Whoami }) {
  const wasSignedIn = useWasSignedIn(who)
  if (view.name === 'setup') return <SetUpView />
  if (view.name === 'invitation') return <InvitationView />
  if (view.name === 'password-reset') return <PasswordResetView />
  if (who.kind) return <Current view={view} />
  if (who.setupOpen) return <NoAccountYet />
  return <SignIn note={wasSignedIn ? 'Your session has ended. Sign in to go on where you were.' : null} />
}

let wasEverSignedIn = false
function useWasSignedIn({ kind }: Whoami): boolean {
  useEffect(() => {
    if (kind === 'user') wasEverSignedIn = true
  }, [kind])
  return wasEverSignedIn
}

/** What happens on the server is followed while somebody is signed in. */
function Following() {
  const queries = useQueryClient()
  useEffect(() => followEvents(queries), [queries])
  return null
}

function Current({ view }: { view: View }) {
  if (view.name === 'services') return <ServiceList />
  if (view.name === 'service') return <ServiceView name={view.service} />
  if (view.name === 'environment')
    return <EnvironmentView service={view.service} environment={view.environment} />
  if (view.name === 'deployment') return <DeploymentView id={view.id} />
  if (view.name === 'unknown') return <UnknownView path={view.path} />
  return (
    <Suspense fallback={<Skeleton height={220} radius={12} />}>
      {view.name === 'settings' && <SettingsView />}
      {view.name === 'drift' && <DriftView />}
      {view.name !== 'settings' && view.name !== 'drift' && <AccountViews view={view} />}
    </Suspense>
  )
}

/** Loaded when they are first looked at: most visits are about sites. */
const AccountViews = lazy(() => import('./account/account-views.tsx'))
const SettingsView = lazy(() => import('./settings/settings-view.tsx'))
const DriftView = lazy(() => import('./drift/drift-view.tsx'))

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
