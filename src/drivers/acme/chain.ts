import { Fault } from '../../base/fault.ts'
import { type Chain, parseChain } from '../../base/x509/chain.ts'
import { keyFits } from '../../base/x509/key.ts'
import { sameNames } from '../../domain/certificate/names.ts'
import { strange } from './faults.ts'

/** What a CA gives out, checked to be what was asked for. Throws `unavailable`. */
export function checkedChain(
  text: string,
  wanted: { label: string; names: readonly string[]; key: string },
): string {
  const { label, names, key } = wanted
  const refuse = (what: string) => strange(label, what, `hand out the certificate for ${names.join(', ')}`)
  const { leaf, links, pem } = readChain(text, refuse)
  if (!keyFits(key, leaf))
    throw refuse('with a certificate for another key, or not with that of the host first,')
  if (!sameNames(leaf.names, names))
    throw refuse(`with a certificate for ${leaf.names.join(', ') || 'no name'}`)
  if (links.includes(false))
    throw refuse('with a chain in which one certificate has not signed the one before it')
  return pem
}

function readChain(text: string, refuse: (what: string) => Fault): Chain {
  try {
    return parseChain(text)
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause
    const { message, hint, extra } = refuse(`with no certificate that can be read (${cause.message})`)
    throw new Fault('unavailable', message, { ...(hint !== undefined && { hint }), extra, cause })
  }
}
