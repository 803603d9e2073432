/** Sites of the gateway: put back as the database says, or with what was added to them. */
import { Fault, shown } from '../../base/fault.ts'
import { digestOf, isSameThing, type Observation } from '../../domain/drift.ts'
import type { HostDrift } from '../../ports/hosts.ts'
import type { UrlRow } from '../../store/urls.ts'
import type { Facts, StepContext, World } from '../step.ts'
import { askUrl } from '../url/probe.ts'
import { hostSiteOf } from '../url/sites.ts'
import { extraOf } from './extra.ts'
import type { Adoption, DriftPart } from './part.ts'
import { type FoundSite, SITE_KINDS, siteFindings } from './sites.ts'

export function sitesPart(world: World): DriftPart {
  return {
    name: 'sites',
    kinds: SITE_KINDS,
    async look({ signal }) {
      const found = await siteFindings(world, signal)
      return { observations: found.map(({ observation }) => observation), failures: [] }
    },
    async revert(context, seen) {
      const found = await foundAgain(context, seen)
      if (found) await (seen.kind === 'site-stray' ? takeAway : putBack)(context, found.drift)
    },
    adoption: siteAdoption,
  }
}

async function takeAway({ world, signal, say }: StepContext, { hostname }: HostDrift): Promise<void> {
  // A URL that is claimed from here on puts its site behind this.
  if (hostname === null || world.store.urls.named(hostname)) return
  await world.hosts.restore(hostname, null, signal)
  say(`Took the site of ${hostname} away.`)
}

async function putBack(context: StepContext, { hostname, path }: HostDrift): Promise<void> {
  const { world, signal, say } = context
  if (hostname === null) {
    await world.hosts.restore(null, null, signal)
    return say(`Wrote ${path} anew.`)
  }
  const row = requiredUrl(world, hostname)
  await world.hosts.restore(hostname, await hostSiteOf(world, row, signal), signal)
  say(`Wrote the site of ${hostname} anew.`)
  await tellWhatAnswers(context, row)
}

/** The gateway takes the site; whether visitors reach it may be another matter. */
async function tellWhatAnswers({ world, signal, say }: StepContext, row: UrlRow): Promise<void> {
  const { ok, detail } = await askUrl(world, row, signal)
  say(detail, ok ? 'info' : 'warn')
}

function requiredUrl({ store }: World, hostname: string): UrlRow {
  const row = store.urls.named(hostname)
  if (row) return row
  throw new Fault('conflict', `${hostname} is no URL any more.`, {
    hint: 'Look again: it is another finding by now.',
  })
}

/**
 * Null: it is as it should be, since a crash came behind the deed. Throws `conflict` for what was changed meanwhile, and for
 * what somebody has written beside it, since a site is put up whole.
 */
async function foundAgain({ world, signal }: StepContext, seen: Observation): Promise<FoundSite | null> {
  const all = await siteFindings(world, signal)
  const found = all.find(({ observation }) => isSameThing(observation, seen))
  if (!found) return null
  if (digestOf(found.observation) === digestOf(seen)) {
    requireNothingElse(found, all)
    return found
  }
  throw new Fault('conflict', `${seen.thing} was changed once more meanwhile.`, {
    hint: 'Nothing was changed. Look again, see what stands there now, and decide anew.',
  })
}

function requireNothingElse({ drift: { hostname, path } }: FoundSite, all: readonly FoundSite[]): void {
  const other = all.find(
    ({ drift }) =>
      drift.hostname === hostname &&
      drift.path !== path &&
      drift.kind !== 'site-stray' &&
      drift.sha256 !== undefined,
  )
  if (!other) return
  const { kind, path: place } = other.drift
  throw new Fault('conflict', `${shown(place)} was changed by hand as well, and would be lost.`, {
    hint:
      kind === 'site-link'
        ? 'Nothing was changed. Move that file away, then look again.'
        : 'Nothing was changed. See what "fairlead drift" tells of that file, and decide on it first.',
  })
}

interface AdoptedSite extends Facts {
  /** Null: none any more. */
  extra: string | null
}

const siteAdoption: Adoption = {
  async learn(context, seen): Promise<AdoptedSite> {
    const found = await foundAgain(context, seen)
    if (!found)
      throw new Fault('conflict', `${seen.thing} is as it was written by now.`, { hint: 'Look again.' })
    const learned = extraOf(found.drift)
    if ('extra' in learned) return learned
    throw new Fault('conflict', `What was added to ${seen.thing} can't be kept.`, { hint: learned.why })
  },
  async act(context, seen, facts) {
    const { world, signal, say } = context
    // Behind a crash it may be done already: then it is no finding any more.
    await foundAgain(context, seen)
    const { extra } = facts as AdoptedSite // learned above
    const row = world.store.urls.required(seen.urlId ?? '')
    const site = await hostSiteOf(world, { ...row, extra }, signal)
    await world.hosts.restore(row.hostname, site, signal)
    const text = extra === null ? 'nothing that was added' : `what was added: ${inOneLine(extra)}`
    say(`The site of ${row.hostname} keeps ${text}.`)
  },
  take({ world }, seen, facts) {
    const { extra } = facts as AdoptedSite // learned above
    world.store.urls.setExtra(seen.urlId ?? '', extra)
    return {}
  },
}

const inOneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ')
