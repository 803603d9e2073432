/** Files of certificates and what CAs ask for, in memory. */
import { parseChain } from '../../src/base/x509/chain.ts'
import type {
  CertificateFiles,
  CertificatePem,
  ChallengeKey,
  Challenges,
} from '../../src/ports/certificates.ts'
import type { Power } from './outside.ts'

export class OutsideCertificates {
  readonly pems = new Map<string, CertificatePem>()
  /** `<host name>/<token>` to what is answered there. */
  readonly answers = new Map<string, string>()

  copy(): OutsideCertificates {
    return Object.assign(new OutsideCertificates(), {
      pems: new Map(this.pems),
      answers: new Map(this.answers),
    })
  }

  /** What a gateway serves of a file. Throws as one that can't read it. */
  served(id: string): { certificateSha256: string } {
    const pem = this.pems.get(id)
    if (!pem) throw new Error(`cannot load certificate "${id}.pem"`)
    return { certificateSha256: parseChain(pem.chain).leaf.fingerprint }
  }

  files(power: Power): CertificateFiles {
    return {
      read: async (id) => this.pems.get(id) ?? null,
      put: (id, pem) => power.deed(() => void this.pems.set(id, { ...pem })),
      drop: (id) => power.deed(() => void this.pems.delete(id)),
      list: async () => [...this.pems.keys()],
    }
  }

  challenges(power: Power): Challenges {
    const name = ({ hostname, token }: ChallengeKey) => `${hostname}/${token}`
    return {
      put: (key, text) => power.deed(() => void this.answers.set(name(key), text)),
      drop: (key) => power.deed(() => void this.answers.delete(name(key))),
      list: async () =>
        [...this.answers.keys()].map((key) => {
          const [hostname = '', token = ''] = key.split('/')
          return { hostname, token }
        }),
    }
  }
}
