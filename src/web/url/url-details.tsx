import type { Url } from '../../contract/shapes/urls.ts'
import { FullTime, useNow } from '../parts/time.tsx'
import { hstsText } from './https-form.ts'
import { daysLeft, daysText, httpsState } from './https-words.ts'
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
      <Https https={url.https} />
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

function Https({ https }: Pick<Url, 'https'>) {
  const now = useNow()
  const state = httpsState(https, now)
  if (state === null) return null
  const { certificate, renewAt, redirect, minimumTls } = https
  return (
    <>
      <dt>HTTPS</dt>
      <dd>
        {state.title} {redirect ? 'Plain HTTP leads to it.' : 'Plain HTTP answers as well.'} Oldest: TLS{' '}
        {minimumTls.replace('TLSv', '')}. Browsers are told: {hstsText(https.hsts)}.
      </dd>
      {certificate && (
        <>
          <dt>Certificate</dt>
          <dd>
            {certificate.names.join(', ')}, signed by {certificate.issuer || 'nobody'}. Good until{' '}
            <FullTime at={certificate.notAfter} /> ({daysText(daysLeft(certificate.notAfter, now))}).
            {renewAt !== null && (
              <>
                {' '}
                The next one is asked for <FullTime at={renewAt} />.
              </>
            )}
            <code className={styles.fingerprint}>{certificate.fingerprint}</code>
          </dd>
        </>
      )}
    </>
  )
}
