/** Settings of the instance: the gateway that URLs use, what their DNS records say, and how they answer over HTTPS. */
import type { DnsTarget } from './dns/records.ts'
import type { DriftKind } from './drift.ts'
import type { CertificateSetting, HttpsSetting } from './https.ts'
import type { GatewayKind } from './url.ts'

export interface Listen {
  /** An IP address; null: all of them. */
  address: string | null
  port: number
}

/** The machine's NGINX. Null: it is looked for on the machine, or left out where there is nothing to look for. */
export interface NginxSetting {
  binary: string | null
  config: string | null
  /** The folder that its configuration includes, and a second one of links, as Debian has it. */
  enabled: string | null
  available: string | null
  /** Commands, word by word. */
  test: string[] | null
  reload: string[] | null
  listen: Listen[]
  logFolder: string | null
  certificate: string | null
  certificateKey: string | null
  tlsListen: Listen[]
}

export interface GatewaySetting {
  kind: GatewayKind
  nginx: NginxSetting
}

export interface Settings {
  gateway: GatewaySetting
  /** What the records of URLs say. */
  dns: DnsTarget
  https: HttpsSetting
  certificates: CertificateSetting
  /** Kinds of drift that are put back as soon as they are found. */
  drift: { heal: DriftKind[] }
}

export const DEFAULT_INSTANCE_SETTINGS: Settings = {
  gateway: {
    kind: 'builtin',
    nginx: {
      binary: null,
      config: null,
      enabled: null,
      available: null,
      test: null,
      reload: null,
      listen: [{ address: null, port: 80 }],
      logFolder: null,
      certificate: null,
      certificateKey: null,
      tlsListen: [{ address: null, port: 443 }],
    },
  },
  dns: { addresses: [], cname: null, ttlSeconds: 300 },
  https: { default: 'none', redirect: true, hsts: null, minimumTls: 'TLSv1.2' },
  certificates: {
    directoryUrl: null,
    contact: null,
    termsAgreed: false,
    root: null,
    externalKeyId: null,
    externalHmacKey: null,
    profile: null,
    challenge: 'auto',
  },
  drift: { heal: [] },
}

/** What may change while URLs are attached: how NGINX is called, and not where its sites lie or what they say. */
const MOVABLE: ReadonlySet<string> = new Set(['binary', 'test', 'reload'])

/** Whether sites that stand would have to be moved or written anew. */
export const movesSites = (before: GatewaySetting, after: GatewaySetting): boolean =>
  before.kind !== after.kind ||
  Object.entries(after.nginx).some(
    ([name, value]) =>
      !MOVABLE.has(name) &&
      JSON.stringify(value) !== JSON.stringify(before.nginx[name as keyof NginxSetting]), // its own keys
  )
