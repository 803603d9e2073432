import { statSync } from 'node:fs'
import { errnoOf } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import { type SecureContext, secureContext } from '../../base/tls.ts'
import { certificatePath } from '../../domain/host-files.ts'
import type { HostTls } from '../../domain/host-site.ts'
import type { CertificateFiles } from '../../ports/certificates.ts'

type Shown = Pick<HostTls, 'certificate' | 'minimum'>

interface Known {
  /** Which file it was read from; null: there was none. */
  file: string | null
  /** Null: nothing that can be shown. */
  context: SecureContext | null
}

/**
 * Certificates as they are shown, read when they are first asked for and again when their file is another. One whose file
 * has gone or broken since goes on with what was read before, until this program ends; that is logged once.
 */
export class CertificateContexts {
  readonly #data: string
  readonly #files: Pick<CertificateFiles, 'read'>
  readonly #log: Log
  /** By id and version, the one that was asked for last at the end. */
  readonly #known = new Map<string, Known>()
  readonly #reading = new Map<string, Promise<Known>>()

  constructor(given: { data: string; files: Pick<CertificateFiles, 'read'>; log: Log }) {
    this.#data = given.data
    this.#files = given.files
    this.#log = given.log
  }

  /** Null: there is nothing to show. */
  async of(given: Shown): Promise<SecureContext | null> {
    const file = stampOf(certificatePath(this.#data, given.certificate))
    const name = nameOf(given)
    const known = this.#known.get(name)
    const current = known !== undefined && known.file === file ? known : await this.#readOnce(given, file)
    this.#known.delete(name)
    this.#known.set(name, current)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= LIMITS.gateway.certificates) break
      this.#known.delete(oldest)
    }
    return current.context
  }

  #readOnce(given: Shown, file: string | null): Promise<Known> {
    const name = nameOf(given)
    const reading =
      this.#reading.get(name) ?? this.#read(given, file).finally(() => void this.#reading.delete(name))
    this.#reading.set(name, reading)
    return reading
  }

  async #read(given: Shown, file: string | null): Promise<Known> {
    const { certificate, minimum } = given
    try {
      const pem = file === null ? null : await this.#files.read(certificate)
      if (pem !== null) return { file, context: secureContext(pem, minimum) }
      this.#log.write('error', 'The file of a certificate is gone or broken.', { certificate })
    } catch (error) {
      this.#log.write('error', 'A certificate can not be shown.', { certificate, error })
    }
    return { file, context: this.#known.get(nameOf(given))?.context ?? null }
  }
}

const nameOf = ({ certificate, minimum }: Shown): string => `${certificate} ${minimum}`

/** Another whenever the file is another. */
function stampOf(path: string): string | null {
  try {
    const { ino, mtimeMs, ctimeMs, size } = statSync(path)
    return [ino, mtimeMs, ctimeMs, size].join(' ')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(errnoOf(error) ?? '')) return null
    throw error
  }
}
