/** Everybody who may call: each role, grants of all widths, each kind of credentials, and those who have none. */
import { type Headers, People, type Person } from '../../access/people.ts'
import type { TestApp } from '../../api/app.ts'
import type { Caller } from './crowd.ts'

export interface Cast {
  callers: Caller[]
  /** Ids of the cast itself: who knew them could shut somebody out. */
  secret: Set<string>
  close(): void
}

export async function castOf(app: Pick<TestApp, 'data' | 'ask'>): Promise<Cast> {
  const people = new People(app)
  const owner = await people.person('ann', { role: 'owner' })
  const created = async (path: string, json: object) => {
    const { status, text } = await app.ask('POST', path, { json, headers: owner.key })
    if (status !== 201) throw new Error(`${path}: ${status} ${text}`)
  }
  await created('/services', { name: 'web' })
  await created('/services/web/environments', { name: 'staging' })
  const admin = await people.person('ben', { role: 'admin' })
  const deployer = await people.person('cleo', { role: 'deployer' })
  const viewer = await people.person('dora', { role: 'viewer' })
  const ofService = await people.person('eve', { role: 'admin', scope: people.service('web') })
  const staging = people.environment('web', 'staging')
  const ofEnvironment = await people.person('finn', { role: 'deployer', scope: staging })
  const nobody = await people.person('gus')
  const disabled = await people.person('hal', { role: 'owner' })
  people.store.users.setDisabled(disabled.user.id, true)

  const byKey = ({ user, key }: Person): Caller => ({
    name: `${user.name} by key`,
    headers: key,
    renew: async () => people.key(user),
  })
  const byCookie = ({ user, cookie }: Person): Caller => ({
    name: `${user.name} by cookie`,
    headers: cookie,
    renew: async () => people.session(user),
  })
  const byToken = ({ user, jwt }: Person): Caller => ({
    name: `${user.name} by token`,
    headers: jwt,
    // Another call may end the very session meanwhile.
    renew: () => people.token(people.session(user)).catch(() => people.token(people.session(user))),
  })
  const by = (name: string, headers: Headers): Caller => ({ name, headers })
  const all = [owner, admin, deployer, viewer, ofService, ofEnvironment, nobody, disabled]
  return {
    callers: [
      ...Array.from({ length: 12 }, () => byKey(owner)),
      byCookie(owner),
      byCookie(owner),
      byToken(owner),
      byToken(owner),
      byKey(admin),
      byToken(admin),
      byKey(deployer),
      byCookie(deployer),
      byKey(viewer),
      byKey(ofService),
      byCookie(ofEnvironment),
      byToken(nobody),
      by(
        'ann by a key for reading',
        people.key(owner.user, { permissions: ['services:read', 'users:read'] }),
      ),
      by('ann by a key from elsewhere', people.key(owner.user, { addresses: ['192.0.2.0/24'] })),
      by('ann by an expired key', people.key(owner.user, { expiresAt: 1 })),
      by('hal, disabled', disabled.key),
      by('a made-up key', { authorization: `Bearer fl_00000000_${'x'.repeat(43)}` }),
      by('a token that is none', { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.' }),
      by('another scheme', { authorization: 'Basic YW5uOnNldmVu' }),
      by('a made-up cookie', { cookie: 'fairlead=fs_x', 'sec-fetch-site': 'same-origin' }),
      by('anybody', {}),
    ],
    secret: new Set(all.flatMap(({ user }) => [user.id, user.login])),
    close: () => people.close(),
  }
}
