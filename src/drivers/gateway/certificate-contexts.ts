import { statSync } from 'node:fs'
import { errnoOf } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import { type SecureContext, secureContext } from '../../base/tls.ts'
import type { CertificateFiles } from '../../ports/certificates.ts'
import { certificatePath } from './host-files.ts'

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
  /** By id, the one that was asked for last at the end. */
  readonly #known = new Map<string, Known>()
  readonly #reading = new Map<string, Promise<Known>>()

  constructor(given: { data: string; files: Pick<CertificateFiles, 'read'>; log: Log }) {
    this.#data = given.data
    this.#files = given.files
    this.#log = given.log
  }

  /** Null: there is nothing to show. */
  async of(id: string): Promise<SecureContext | null> {
    const file = stampOf(certificatePath(this.#data, id))
    const known = this.#known.get(id)
    const current = known !== undefined && known.file === file ? known : await this.#readOnce(id, file)
    this.#known.delete(id)
    this.#known.set(id, current)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= LIMITS.gateway.certificates) break
      this.#known.delete(oldest)
    }
    return current.context
  }

  #readOnce(id: string, file: string | null): Promise<Known> {
    const reading = this.#reading.get(id) ?? this.#read(id, file).finally(() => void this.#reading.delete(id))
    this.#reading.set(id, reading)
    return reading
  }

  async #read(id: string, file: string | null): Promise<Known> {
    try {
      const pem = file === null ? null : await this.#files.read(id)
      if (pem !== null) return { file, context: secureContext(pem) }
      this.#log.write('error', 'The file of a certificate is gone or broken.', { certificate: id })
    } catch (error) {
      this.#log.write('error', 'A certificate can not be shown.', { certificate: id, error })
    }
    return { file, context: this.#known.get(id)?.context ?? null }
  }
}

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
