import type { Url } from '../../contract/shapes/urls.ts'
import { FullTime } from '../parts/time.tsx'
import { ByHand, Records } from './records.tsx'
import styles from './url-details.module.css'
import { dnsState, siteState } from './url-words.ts'

/** What the pills say, in sentences; and the records. */
export function UrlDetails({ url }: { url: Url }) {
  const { dns, lastProbe } = url
  return (
    <dl className={styles.facts}>
      <dt>Site</dt>
      <dd>{siteState(url).title}</dd>
      <dt>DNS</dt>
      <dd>
        {dnsState(url).title}
        {dns.provider && dns.zone && (
          <>
            {' '}
            {dns.provider.label} holds the zone <b>{dns.zone}</b>.
          </>
        )}
        {dns.records.length > 0 &&
          (dns.state === 'by-hand' ? (
            <ByHand sets={dns.records} label={`Records of ${url.unicode}`} />
          ) : (
            <Records sets={dns.records} label={`Records of ${url.unicode}`} />
          ))}
      </dd>
      <dt>Probe</dt>
      <dd>
        {lastProbe ? (
          <>
            {lastProbe.detail} <FullTime at={lastProbe.at} />
          </>
        ) : (
          'Nobody has asked it yet.'
        )}
      </dd>
      <dt>Added</dt>
      <dd>
        <FullTime at={url.createdAt} />
      </dd>
    </dl>
  )
}
