/** What putting drift back, and taking it over, tells the audit. */
import { readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { site } from '../api/app.ts'
import type { Case, Changing, Stage } from './stage.ts'

export const DRIFT = {
  // What is found is told by itself, and not by who looks.
  'drift.look': { tells: [], call: () => ({ path: '/drift/look' }) },
  'drift.revert': {
    tells: ['drift-revert.queued', 'drift.ended'],
    data: { kind: 'link' },
    call: async (at) => {
      const { id, seen } = await found(at)
      return { path: `/drift/${id}/revert?wait=true`, given: { json: { seen } } }
    },
  },
  'drift.adopt': {
    tells: ['drift-adopt.queued', 'drift.ended', 'deployment.queued'],
    data: { kind: 'link' },
    call: async (at) => {
      const { id, seen } = await found(at)
      return { path: `/drift/${id}/adopt?wait=true`, given: { json: { seen } } }
    },
  },
} satisfies Partial<Record<Changing, Case>>

/** Something live whose link was led to the bundle before it by hand. */
async function found(at: Stage): Promise<{ id: string; seen: string }> {
  const service = await at.service()
  const path = `/services/${service}/environments/production/deployments?wait=true`
  await at.asked('POST', path, { body: site(service) })
  const before = linkOf(at)
  const older = readlinkSync(before)
  await at.asked('POST', path, { body: site('another') })
  rmSync(before)
  symlinkSync(older, before)
  const { text } = await at.asked('POST', '/drift/look', {})
  const { items } = JSON.parse(text) as { items: { id: string; seen: string; service: string }[] }
  const finding = items.find((one) => one.service === service)
  if (!finding) throw new Error(text)
  return finding

  function linkOf({ people, app }: Stage): string {
    const environment = people.store.environments.find(service, 'production')
    const [name] = readdirSync(join(app.data, 'sites')).filter((one) =>
      one.startsWith(`${environment?.id ?? ''}-`),
    )
    return join(app.data, 'sites', name ?? '')
  }
}
