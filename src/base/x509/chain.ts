/** A certificate with those that lead from it to a root. */
import { X509Certificate } from 'node:crypto'
import { Fault, shown } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { DerError } from './der.ts'
import { pem, pemBlocks } from './pem.ts'

export interface Chain {
  /** The first of the certificates: the host's own. */
  leaf: Certificate
  certificates: Certificate[]
  /** Of each but the last: whether the next one has signed it. */
  links: boolean[]
  /** The same as PEM, without anything that stood around it. */
  pem: string
}

/**
 * Reads PEM, in the order in which it stands. Throws `invalid` or `too_large` with what is wrong with the text; whether the
 * certificates are any good is not judged here.
 */
export function parseChain(text: string): Chain {
  const { chainBytes, chainCertificates } = LIMITS.certificate
  if (text.length > chainBytes)
    throw new Fault('too_large', `The certificate has more than ${chainBytes} bytes.`, {
      hint: 'It holds the certificate of the host and those that lead to a root, nothing else.',
    })
  const blocks = pemBlocks(text, 'certificate')
  const other = blocks.find(({ label }) => label !== 'CERTIFICATE')
  if (other) throw foreign(other.label)
  if (blocks.length > chainCertificates)
    throw new Fault(
      'too_large',
      `The chain has ${blocks.length} certificates; at most ${chainCertificates} are taken.`,
      {
        hint: 'It holds the certificate of the host and those that lead to a root, not all that a system trusts.',
      },
    )
  const certificates = blocks.map(({ der }, index) => certificateOf(der, index))
  const [leaf] = certificates
  if (!leaf) throw absent(text)
  return {
    leaf,
    certificates,
    links: certificates.slice(1).map((next, index) => isSignedBy(certificates[index] ?? leaf, next)),
    pem: certificates.map(({ der }) => pem('CERTIFICATE', der)).join(''),
  }
}

function certificateOf(der: Uint8Array, index: number): Certificate {
  try {
    return readCertificate(der)
  } catch (thrown) {
    if (!(thrown instanceof DerError)) throw thrown
    throw new Fault('invalid', `Certificate ${index + 1} can't be read: ${shown(thrown.message)}.`, {
      hint: 'It is cut off or changed. Copy it anew from where it was made.',
    })
  }
}

const absent = (text: string): Fault =>
  new Fault('invalid', 'There is no certificate in it.', {
    hint: /[\0-\x08]/.test(text)
      ? 'This is a binary file. Turn it into PEM: openssl x509 -inform der -in file -out certificate.pem, or openssl pkcs12 for a .pfx.'
      : 'Give PEM: text that begins with "-----BEGIN CERTIFICATE-----".',
  })

const foreign = (label: string): Fault =>
  label.endsWith('KEY')
    ? new Fault('invalid', 'A private key stands among the certificates.', {
        hint: 'Give the key by itself, and the certificates without it.',
      })
    : new Fault('invalid', `A block "${label}" stands among the certificates.`, {
        hint: 'Leave it out: only blocks "CERTIFICATE" belong here.',
      })

/** By the names and by the signature; a signature of a kind that is too old to be checked counts as none. */
function isSignedBy(certificate: Certificate, next: Certificate): boolean {
  try {
    const [one, other] = [new X509Certificate(certificate.der), new X509Certificate(next.der)]
    return one.checkIssued(other) && one.verify(other.publicKey)
  } catch {
    return false // the platform does not know the algorithm
  }
}
