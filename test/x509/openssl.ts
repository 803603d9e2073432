/** Keys and certificates as other people make them: by the openssl of this machine, in a folder that goes at the end. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Made {
  key: string
  certificate: string
}

export interface Wanted {
  /** Arguments of `openssl genpkey`: `-algorithm`, … */
  key?: readonly string[]
  subject?: string
  /** As in subjectAltName: `DNS:a.example`. */
  names?: string
  /** Who signs it; without: it itself. */
  by?: Made
  /** `sha1`, … */
  hash?: string
  /** Of its life, as `YYYYMMDDHHMMSSZ`; without: from yesterday on for 30 days. */
  from?: string
  until?: string
  /** More lines of the extensions. */
  extensions?: readonly string[]
}

export const P256 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']
export const rsa = (bits: number): string[] => ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`]
export const AUTHORITY = ['basicConstraints=critical,CA:true', 'keyUsage=keyCertSign,cRLSign']

const DAY_MS = 24 * 3_600_000
/** As openssl wants it. */
export const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')

export class OpenSsl {
  readonly folder = mkdtempSync(join(tmpdir(), 'fairlead-openssl-'))
  private count = 0

  end(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  file(name: string, text: string | Uint8Array): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  /** What it prints; throws when it fails. */
  run(argv: readonly string[], input: string | Uint8Array = ''): string {
    return this.both(argv, input).out
  }

  /** With what it says beside it, as "verify OK". */
  both(argv: readonly string[], input: string | Uint8Array = ''): { out: string; err: string } {
    const { status, stdout, stderr } = spawnSync('openssl', argv, { cwd: this.folder, input })
    if (status === 0) return { out: stdout.toString(), err: stderr.toString() }
    throw new Error(`openssl ${argv.join(' ')}: ${stderr.toString()}`)
  }

  key(wanted: readonly string[] = P256): string {
    return this.run(['genpkey', ...wanted])
  }

  make(wanted: Wanted = {}): Made {
    const key = this.key(wanted.key)
    return { key, certificate: this.certificate(key, wanted) }
  }

  /** By `openssl ca`, which alone can be told when a certificate begins and ends. */
  certificate(key: string, wanted: Wanted = {}): string {
    const { subject = '/CN=site.example', names = 'DNS:site.example', by, hash = 'sha256' } = wanted
    const id = `${(this.count += 1)}`
    const extensions = [...(names === '' ? [] : [`subjectAltName=${names}`]), ...(wanted.extensions ?? [])]
    this.file(`${id}.key`, key)
    this.file(`${id}.index`, '')
    this.file(`${id}.conf`, configuration(id, [...extensions, 'subjectKeyIdentifier=hash']))
    const signer = by
      ? ['-keyfile', this.file(`${id}.by.key`, by.key), '-cert', this.file(`${id}.by.pem`, by.certificate)]
      : ['-selfsign', '-keyfile', `${id}.key`]
    this.run([
      'req',
      '-new',
      '-key',
      `${id}.key`,
      '-subj',
      subject,
      '-config',
      `${id}.conf`,
      '-out',
      `${id}.csr`,
    ])
    const begin = ['-startdate', wanted.from ?? stamp(Date.now() - DAY_MS)]
    const end = ['-enddate', wanted.until ?? stamp(Date.now() + 30 * DAY_MS)]
    const files = ['-in', `${id}.csr`, '-out', `${id}.pem`, '-outdir', '.', '-config', `${id}.conf`]
    const how = ['-batch', '-notext', '-name', 'made', '-extensions', 'extensions', '-md', hash]
    this.run(['ca', ...how, ...files, ...signer, ...begin, ...end])
    return readFileSync(join(this.folder, `${id}.pem`), 'utf8')
  }
}

const configuration = (id: string, extensions: readonly string[]): string => `[made]
database = ${id}.index
policy = any
rand_serial = yes
unique_subject = no
email_in_dn = no
[any]
commonName = optional
organizationName = optional
[req]
distinguished_name = name
prompt = no
[name]
[extensions]
${extensions.join('\n')}
`
