/** Why NGINX takes a site not, in its own words and with what to do. */
import { Fault } from '../../base/fault.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { SIZES } from '../../domain/nginx/http.ts'
import type { NginxPlace } from '../../domain/nginx/place.ts'
import type { Complaint } from './program.ts'
import type { Argv, NginxSetup } from './settings.ts'

/** A file of DATA/certificates that NGINX can't use; null: it is about something else. */
const certificateIn = ({ line }: Complaint): string | null =>
  /"([^"]*\/certificates\/[a-z0-9-]+\.pem)"/.exec(line)?.[1] ?? null

const CERTIFICATE_HINT =
  'Have it made anew (fairlead url renew), or let the URL use another certificate; "fairlead drift" tells of every such file.'

/** Throws `unavailable` for HTTPS that the program can't speak. */
export function requireTls(hostname: Hostname, site: HostSite | null, { modules }: NginxPlace): void {
  if (!site?.tls || modules === undefined || modules.includes('http_ssl_module')) return
  throw new Fault('unavailable', `NGINX can't answer for ${hostname} over HTTPS: it was built without.`, {
    hint: 'Install one with http_ssl_module, such as that of your distribution or of nginx.org.',
  })
}

/** Of a site that is refused beside everything else, or alone. */
export function refusedSite(hostname: Hostname, refusal: Complaint | Fault): Fault {
  if (refusal instanceof Fault) return refusal
  const { line } = refusal
  const certificate = certificateIn(refusal)
  if (certificate !== null)
    return new Fault(
      'conflict',
      `NGINX can't use the certificate of ${hostname} in ${certificate}: ${line}`,
      {
        hint: CERTIFICATE_HINT,
      },
    )
  const [size, wanted] = SIZES.find(([name]) => line.includes(name)) ?? []
  return new Fault('conflict', `NGINX refuses the site of ${hostname}: ${line}`, {
    hint: size
      ? `What the configuration sets is too small for it. Write ${size} ${wanted}; inside http { } where it is less, then try again.`
      : 'Nothing was changed. "fairlead doctor" says what NGINX lacks here.',
  })
}

/** Of the configuration as it stands, without any change of ours. */
export function refusedAsItIs(
  complaint: Complaint,
  { test, isOurs }: { test: Argv; isOurs: (file: string) => boolean },
): Fault {
  const { file, line } = complaint
  const certificate = certificateIn(complaint)
  if (certificate !== null)
    return new Fault('conflict', `NGINX can't use the certificate in ${certificate}: ${line}`, {
      hint: `Nothing was changed. ${CERTIFICATE_HINT}`,
    })
  const whose =
    file === null || isOurs(file)
      ? 'Fairlead has changed nothing, so something else has.'
      : `${file} is not Fairlead's, and nothing was changed.`
  return new Fault('conflict', `NGINX refuses its configuration as it is: ${line}`, {
    hint: `${whose} Mend it ("${test.join(' ')}" tells the same), then try again.`,
  })
}

/** Nothing that is written would be read. */
export const notIncluded = ({ enabled, config }: NginxSetup): Fault =>
  new Fault('unavailable', `NGINX's configuration does not include the sites in ${enabled}.`, {
    hint: `Add inside http { } of ${config}: include ${enabled}/*.conf;`,
  })
