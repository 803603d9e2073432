/** Codes of links that work once: 256 random bits, shown once, of which only the SHA-256 is kept. */
import { randomBytes } from 'node:crypto'
import { sha256Hex } from '../../base/secrets.ts'
import type { Actor } from '../../domain/operation.ts'

/** The code stands behind `#`: browsers send that to nobody, so no log and no proxy sees it. */
export function newLink(address: string): { url: string; codeHash: string } {
  const code = randomBytes(32).toString('base64url')
  return { url: `${address}#${code}`, codeHash: codeHashOf(code) }
}

export const codeHashOf = (code: string): string => sha256Hex(code)

/** Whoever has made a link, to be asked for his rights when it is used: a link dies with them. */
export const makerOf = ({ kind, name, userId, keyId }: Actor): Actor => ({
  kind,
  name,
  ...(userId !== undefined && { userId }),
  ...(keyId !== undefined && { keyId }),
})
