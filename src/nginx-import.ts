/** What "fairlead import nginx" learns on this machine: the operator's configuration, his certificates, and what NGINX answers. */
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { systemClock } from './base/clock.ts'
import { errnoOf, Fault } from './base/fault.ts'
import { HttpClient } from './base/http.ts'
import { LIMITS } from './base/limits.ts'
import { parseChain } from './base/x509/chain.ts'
import { keyFits, parseKey } from './base/x509/key.ts'
import { planImport } from './domain/nginx/import/plan.ts'
import type { ImportPlan } from './domain/nginx/import/unit.ts'
import { findBuild, setupOf } from './drivers/nginx/layout.ts'
import { thisMachine } from './drivers/nginx/machine.ts'
import { NginxSettings } from './drivers/nginx/settings.ts'
import { readForeignConfig } from './drivers/nginx/whole-config.ts'

interface Asked {
  scheme: 'http' | 'https'
  address: string
  port: number
  hostname: string
  /** Percent-encoded. */
  path: string
}

export const nginxImport = {
  /** Throws what finding NGINX throws. */
  async plan(given: { settings: object; config: string | null; data: string }): Promise<ImportPlan> {
    const parsed = NginxSettings.parse(given.settings)
    const settings = given.config === null ? parsed : { ...parsed, config: resolve(given.config) }
    const setup = setupOf(settings, await findBuild(settings, thisMachine), thisMachine)
    const { config, enabled, listen, tlsListen } = setup
    const foreign = readForeignConfig({ config, enabled, ours: join(resolve(given.data), 'nginx') })
    return planImport(foreign, { listens: { listen, tlsListen }, prefix: dirname(config) })
  },

  /** Both as PEM, and until when it is good; `problem`: why it can't be brought. */
  async certificate(paths: { certificate: string; certificateKey: string }) {
    try {
      const [certificate, key] = await Promise.all([textAt(paths.certificate), textAt(paths.certificateKey)])
      const { leaf } = parseChain(certificate)
      const problem = keyFits(parseKey(key), leaf)
        ? null
        : `${paths.certificateKey} is the key of another certificate.`
      const daysLeft = Math.floor((leaf.notAfter - systemClock.now()) / DAY_MS)
      return { certificate, key, daysLeft, problem }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return { certificate: '', key: '', daysLeft: null, problem: error.message }
    }
  },

  /** What a server of this machine answers. */
  async ask({ scheme, address, port, hostname, path }: Asked) {
    const client = new HttpClient()
    try {
      const usual = scheme === 'https' ? 443 : 80
      const answer = await client.request({
        protocol: `${scheme}:`,
        ...(scheme === 'https' && { anyCertificate: true, fresh: true }),
        dial: { address, port },
        host: port === usual ? hostname : `${hostname}:${port}`,
        path,
        headers: { accept: '*/*' },
        deadlineMs: LIMITS.verify.answerMs,
        maxBodyBytes: LIMITS.verify.fileBytes,
        keptBodyBytes: 0,
      })
      const { status, headers, sha256 } = answer
      return { status, location: headers['location'] ?? null, type: headers['content-type'] ?? null, sha256 }
    } finally {
      client.close()
    }
  },
}

const DAY_MS = 86_400_000

async function textAt(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((cause: unknown) => {
    const why = errnoOf(cause) === 'EACCES' ? 'may not be read by you' : 'can not be read'
    throw new Fault('not_found', `${path} ${why}.`, {
      hint: 'Run it as a user who may, such as root.',
      cause,
    })
  })
}
