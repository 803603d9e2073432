/** What whoever looks after this instance should know, above everything else. */
import type { Whoami } from '../../contract/shapes/session.ts'
import { Icon } from '../icons.tsx'
import { Door } from './door.tsx'
import styles from './warnings.module.css'

export function Warnings({ who, isSettingUp }: { who: Whoami; isSettingUp: boolean }) {
  return (
    <>
      {who.insecure && (
        <p className={styles.banner} data-tone="bad">
          <Icon name="alert" />
          <span>
            This page is reached without HTTPS: whoever is on the way can read passwords and keys. Put it
            behind a proxy with a certificate: <code>fairlead doctor nginx</code> prints the site for it.
          </span>
        </p>
      )}
      {who.kind === 'local' && !isSettingUp && (
        <p className={styles.banner}>
          <Icon name="shield" />
          <span>
            There is no account yet, so only this machine is let in. To make the first one, open the set-up
            link that <code>fairlead serve</code> has printed.
          </span>
        </p>
      )}
    </>
  )
}

/** For those who come from elsewhere before there is an account. */
export function NoAccountYet() {
  return (
    <Door title="Not set up yet">
      <p>
        The first account is made with the link that <code>fairlead serve</code> has printed on the console of
        the server. Until then only that machine itself is let in.
      </p>
    </Door>
  )
}
