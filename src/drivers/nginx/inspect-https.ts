/** What on this machine keeps NGINX from answering over HTTPS, each with the line that mends it. */

import { listenAddresses } from '../../domain/nginx/place.ts'
import type { Finding } from '../../ports/hosts.ts'
import { isSince, type NginxBuild } from './layout.ts'
import { at, defaultServers, isSame, lineOf, listenFindings } from './listening.ts'
import type { Found, OperatorConfig } from './operator.ts'
import type { NginxSetup } from './settings.ts'
import { isTaken } from './taken.ts'

export interface HttpsKnown {
  setup: NginxSetup
  build: NginxBuild
  operator: OperatorConfig
  /** Whether a site of ours has it already, and so the ports are ours. */
  isSecured: boolean
}

export async function httpsFindings(known: HttpsKnown): Promise<Finding[]> {
  const { setup, operator } = known
  return [
    ...moduleFindings(known),
    ...(await takenFindings(known)),
    ...plainFindings(known),
    ...listenFindings(operator, setup.tlsListen),
    ...protocolFindings(known),
  ]
}

function moduleFindings({ build, setup }: HttpsKnown): Finding[] {
  if (build.modules.includes('http_ssl_module')) return []
  return [
    {
      level: 'problem',
      message: `${setup.binary} was built without HTTPS (http_ssl_module).`,
      remedy: 'Install one that has it, such as that of your distribution or of nginx.org.',
    },
  ]
}

async function takenFindings({ setup, operator, isSecured }: HttpsKnown): Promise<Finding[]> {
  if (isSecured) return []
  const taken = await Promise.all(setup.tlsListen.map((listen) => isTaken(listen, operator)))
  return setup.tlsListen
    .filter((_, index) => taken[index])
    .map(({ port }) => ({
      level: 'problem',
      message: `Port ${port} is used by another program than NGINX, so that no host name can answer over HTTPS.`,
      remedy:
        'End it (ss -ltnp shows which it is), or let sites answer over HTTPS elsewhere: fairlead setting set gateway.nginx.tlsListen',
    }))
}

/** The version is settled by the default server, before NGINX knows which host is meant. */
function protocolFindings({ setup, operator, build }: HttpsKnown): Finding[] {
  const inHttp = operator.http.get('ssl_protocols')?.args
  const usual = isSince(build.version, SPOKEN_SINCE) ? [NEWEST] : []
  const speaks = (found: Found) => operator.serverOf.get(found)?.protocols ?? inHttp ?? usual
  return defaultServers(operator, setup.tlsListen)
    .filter((found) => !speaks(found).includes(NEWEST))
    .map((found) => ({
      level: 'warning',
      message: `The default server in ${at(found)} does not speak TLS 1.3, and so keeps it from every host name.`,
      remedy: `Write in it: ssl_protocols TLSv1.2 ${NEWEST};`,
    }))
}

const NEWEST = 'TLSv1.3'
/** Without a word of it NGINX speaks TLS 1.3 since then. */
const SPOKEN_SINCE = [1, 23, 4]

/** An address speaks TLS as soon as one server there does, also to the visitors of his. */
function plainFindings({ setup, operator }: HttpsKnown): Finding[] {
  const ours = setup.tlsListen.flatMap(listenAddresses)
  return operator.listens
    .filter(({ args }) => !args.includes('ssl') && ours.some((text) => isSame(text, args)))
    .map((found) => ({
      level: 'problem',
      message: `${at(found)} listens where sites are to answer over HTTPS, and without it.`,
      remedy: `Let it listen elsewhere, or give it a certificate and write: ${lineOf({ ...found, args: [...found.args, 'ssl'] })}`,
    }))
}
