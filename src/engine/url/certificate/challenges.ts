/** What a CA asks a name to show: put up for it, asked for before the CA does, and taken down again. */
import { pause } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { LIMITS } from '../../../base/limits.ts'
import type { RecordSet } from '../../../domain/dns/records.ts'
import { ask, told } from '../../ask.ts'
import type { Act, Look, StepContext } from '../../step.ts'
import { askNameServers, type Expectation } from '../name-servers.ts'
import { requiredProvider } from '../records.ts'
import { rowOf } from '../row.ts'
import { type HttpsFacts, type PutChallenge } from './facts.ts'

export const putUpChallenges: Act<HttpsFacts> = {
  kind: 'act',
  name: 'put up the challenges',
  async run(context, facts) {
    for (const challenge of facts.challenges ?? []) await putUp(context, facts, challenge)
  },
  undo: (context, facts) => takeDown(context, facts),
}

export const takeChallengesDown: Act<HttpsFacts> = {
  kind: 'act',
  name: 'take the challenges down',
  run: (context, facts) => takeDown(context, facts),
  async undo() {},
}

async function putUp(context: StepContext, facts: HttpsFacts, challenge: PutChallenge): Promise<void> {
  const { world, operation, say } = context
  const { hostname } = rowOf(world, operation)
  if (challenge.type === 'dns-01') return changeText(context, facts, { ...challenge, isWanted: true })
  await world.challenges.put({ hostname, token: challenge.token }, challenge.text)
  say(`${pathOf(challenge)} of ${hostname} answers the CA.`)
}

async function takeDown(context: StepContext, facts: HttpsFacts): Promise<void> {
  const { world, operation } = context
  const { hostname } = rowOf(world, operation)
  for (const challenge of facts.challenges ?? [])
    if (challenge.type === 'dns-01') await changeText(context, facts, { ...challenge, isWanted: false })
    else await world.challenges.drop({ hostname, token: challenge.token })
}

/**
 * Our value stands among those of the TXT records of a name, or doesn't; whatever else stands there stays. Others change
 * the same set at the same time, for another name or from another machine: then what stands is read again.
 */
async function changeText(
  { world, signal, say }: StepContext,
  { https }: HttpsFacts,
  { name, value, isWanted }: { name: string; value: string; isWanted: boolean },
): Promise<void> {
  const held = https?.asked?.zone
  if (!held) throw new Error('nobody writes the zone')
  const { label, provider } = requiredProvider(world, held.provider.id)
  for (let attempt = 1; ; attempt++) {
    const sets = await provider.sets(held.zone, name, signal)
    requireNoAlias(name, sets)
    const before = sets.find(({ type }) => type === 'TXT') ?? null
    if ((before?.values.includes(value) ?? false) === isWanted) return
    try {
      const after = isWanted ? withValue({ name, before, value }) : withoutValue(before, value)
      await provider.change(held.zone, [{ name, type: 'TXT', before, after }], signal)
      return say(`${isWanted ? 'Wrote' : 'Removed'} ${name} TXT ${value} at "${label}".`)
    } catch (error) {
      const isRace = error instanceof Fault && error.code === 'conflict'
      if (!isRace || attempt >= LIMITS.certificate.textAttempts) throw error
    }
  }
}

const withValue = ({
  name,
  before,
  value,
}: {
  name: string
  before: RecordSet | null
  value: string
}): RecordSet => ({
  ...(before ?? { name, type: 'TXT', ttlSeconds: LIMITS.certificate.textTtlSeconds }),
  values: [...(before?.values ?? []), value].toSorted(),
})

function withoutValue(before: RecordSet | null, value: string): RecordSet | null {
  const values = before?.values.filter((one) => one !== value) ?? []
  return before && values.length > 0 ? { ...before, values } : null
}

function requireNoAlias(name: string, sets: RecordSet[]): void {
  const alias = sets.find(({ type }) => type === 'CNAME')
  if (alias)
    throw new Fault(
      'conflict',
      `${name} is a CNAME to ${alias.values.join(', ')}: no TXT can stand beside it.`,
      {
        hint: 'Remove it, if nothing else gets certificates by it; or let the setting certificates.challenge be "http-01".',
      },
    )
}

/** Before the CA does: it takes few wrong answers from a name. */
export const askForChallenges: Look<HttpsFacts> = {
  kind: 'look',
  name: 'ask for the challenges',
  async run(context, { challenges = [], https }) {
    for (const challenge of challenges)
      if (challenge.type === 'dns-01')
        await askNameServers(context, https?.asked?.zone ?? { provider: null, zone: null }, [
          shows(challenge),
        ])
      else await askGateway(context, challenge)
    return {}
  },
}

const shows = ({ name, value }: { name: string; value: string }): Expectation => ({
  question: { name, type: 'TXT' },
  isMet: (values) => values?.includes(value) ?? false,
  text: `${name} TXT with ${value}`,
})

const pathOf = ({ token }: { token: string }): string => `/.well-known/acme-challenge/${token}`

async function askGateway(
  { world, operation, signal, say }: StepContext,
  challenge: { token: string; text: string },
): Promise<void> {
  const { hostname } = rowOf(world, operation)
  for (let round = 1; ; round++) {
    const answer = await ask(world, hostname, { path: pathOf(challenge), scheme: 'http', signal })
    const text = Buffer.from(answer.body).toString()
    if (answer.status === 200 && text.trim() === challenge.text) return say('The gateway answers it.')
    if (round >= LIMITS.certificate.gatewayRounds)
      throw new Fault(
        'unavailable',
        `The gateway does not answer what the CA asks ${hostname} for: ${told(answer)}${answer.status === 200 ? ' with another text' : ''}.`,
        {
          hint: 'See whether it listens over HTTP, and whether something else answers there under this name.',
        },
      )
    await pause(world.clock, LIMITS.url.nameServerPauseMs * round, signal)
  }
}
