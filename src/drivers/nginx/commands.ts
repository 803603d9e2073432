import type { Log } from '../../base/log.ts'
import { askReload, type Complaint, testConfig } from './program.ts'
import type { NginxSetup } from './settings.ts'

export interface CommandsOptions {
  setup: Pick<NginxSetup, 'test' | 'reload'>
  /** Puts back files of certificates that texts name: for want of one NGINX refuses everything. */
  mendCertificates: () => Promise<void>
  commandMs: number
  log: Log
}

/** What NGINX is told, with all that it needs in its place. */
export class Commands {
  readonly #options: CommandsOptions

  constructor(options: CommandsOptions) {
    this.#options = options
  }

  /** What NGINX has against what stands; null: nothing. */
  async test(): Promise<Complaint | null> {
    await this.mend()
    return await testConfig(this.#options.setup.test, this.#options.commandMs)
  }

  async reload(): Promise<void> {
    await this.mend()
    await askReload(this.#options.setup.reload, this.#options.commandMs)
  }

  /** What can't be mended NGINX meets itself, and says so. */
  async mend(): Promise<void> {
    const { mendCertificates, log } = this.#options
    await mendCertificates().catch((error: unknown) =>
      log.write('error', 'Files of certificates could not be put back.', { error }),
    )
  }
}
