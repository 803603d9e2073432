/** CAs whose own HTTPS is not trusted: what is said, and that they are not asked again and again. */
import { afterAll, describe, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../src/base/clock.ts'
import { Egress } from '../../src/base/egress.ts'
import { newKey } from '../../src/base/x509/key.ts'
import { selfSigned } from '../../src/base/x509/signed.ts'
import { connectAuthority } from '../../src/drivers/acme/authority.ts'
import { fault } from './hostile-stage.ts'
import { client, refusal, signal } from './stage.ts'

const DAY_MS = 24 * 3_600_000
const servers: Server[] = []
afterAll(() => {
  client.close()
  for (const server of servers) server.close()
})

/** What is said of a CA at ca.example that has a certificate of its own with this life and this name. */
async function said(given: { from: number; until: number; name?: string; known?: boolean }) {
  const key = newKey()
  const { from, until, name = 'ca.example' } = given
  const [notBefore, notAfter] = [Date.now() + from, Date.now() + until]
  const certificate = selfSigned({ names: [name], organization: 'A CA', notBefore, notAfter, key })
  const server = createServer({ key, cert: certificate }, (_, response) => response.end('{}'))
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // it listens on TCP
  let asked = 0
  const egress = new Egress(client, async () => {
    asked += 1
    return ['127.0.0.1']
  })
  const root = given.known === false ? null : certificate
  const authority = connectAuthority({ egress, clock: systemClock })({
    directoryUrl: `https://ca.example:${port}/`,
    root,
  })
  return { thrown: await refusal(authority.directory(signal)), asked }
}

describe('the HTTPS of a CA', () => {
  const cases: [what: string, given: Parameters<typeof said>[0], hint: RegExp][] = [
    [
      'that nobody vouches for',
      { from: -DAY_MS, until: DAY_MS, known: false },
      /root certificate of its HTTPS/,
    ],
    ['that has ended', { from: -2 * DAY_MS, until: -DAY_MS }, /clock/],
    ['that begins tomorrow', { from: DAY_MS, until: 2 * DAY_MS }, /clock/],
    ['of another host', { from: -DAY_MS, until: DAY_MS, name: 'other.example' }, /for another host/],
  ]
  for (const [what, given, hint] of cases)
    test(`${what} is not trusted`, async () => {
      const { thrown, asked } = await said(given)
      const refused = fault('unavailable', /itself is not trusted here/)
      expect(thrown).toMatchObject({ ...refused, hint: expect.stringMatching(hint) })
      expect(asked).toBe(1)
    })

  test('that is known is spoken, and then what it says counts', async () => {
    const { thrown } = await said({ from: -DAY_MS, until: DAY_MS })
    expect(thrown).toMatchObject(fault('unavailable', /something else than an ACME directory/))
  })
})
