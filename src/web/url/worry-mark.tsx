import type { Url } from '../../contract/shapes/urls.ts'
import { useMay } from '../data/session.ts'
import { useSecureUrls } from '../data/urls.ts'
import { Icon } from '../icons.tsx'
import { useNow } from '../parts/time.tsx'
import { Link, pathTo } from '../router.tsx'
import { httpsState } from './https-words.ts'
import styles from './worry-mark.module.css'

interface Place {
  service: { id: string; name: string }
  environment: { id: string; name: string }
}

/** Beside an environment: that somebody should look at a certificate of its URLs. */
export function WorryMark({ service, environment }: Place) {
  const may = useMay()('urls:read', { serviceId: service.id, environmentId: environment.id })
  const worries = worriesOf(useSecureUrls(may).data ?? [], { service, environment }, useNow())
  const [worst] = worries
  if (!worst) return null
  const text = worries.map(({ unicode, text }) => `${unicode}: ${text}`).join(', ')
  return (
    <Link
      href={pathTo.environment(service.name, environment.name)}
      className={styles.mark}
      data-tone={worst.tone}
      title={text}
      aria-label={text}
    >
      <Icon name="alert" size={16} />
    </Link>
  )
}

/** The worst first. */
function worriesOf(urls: readonly Url[], { service, environment }: Place, now: number) {
  return urls
    .filter((url) => url.service === service.name && url.environment === environment.name)
    .flatMap(({ unicode, https }) => {
      const state = httpsState(https, now)
      return state?.tone === 'bad' || state?.tone === 'odd' ? [{ unicode, ...state }] : []
    })
    .toSorted((one, other) => Number(other.tone === 'bad') - Number(one.tone === 'bad'))
}
