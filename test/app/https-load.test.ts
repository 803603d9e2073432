/** A certificate is renewed while a name is visited: nobody notices (DESIGN §7 says what counts as a failed request). */
import { describe, expect, setDefaultTimeout } from 'bun:test'
import { needs } from '../needs.ts'
import { renewUnderLoad } from './renewing.ts'

setDefaultTimeout(180_000)

const RENEWALS = 3

for (const gateway of ['nginx', 'builtin'] as const)
  describe(gateway, () => {
    needs(
      'nginx',
      'pebble',
      'openssl',
      'named',
      'nsupdate',
      'dig',
    )('no request fails while a certificate is renewed again and again', async () => {
      const { asked, failed, certificates } = await renewUnderLoad(gateway, RENEWALS)
      console.log(`${gateway}: ${asked} requests over ${RENEWALS} renewals, ${failed.length} failed`)
      expect(failed).toEqual([])
      expect(certificates.size).toBe(RENEWALS)
      expect(asked).toBeGreaterThan(100)
    })
  })
