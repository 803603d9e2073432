/** The order in which the examples are told: each finds what the ones before it have made. */
import type { ExampleName } from '../../src/contract/examples/example.ts'

export const STORY: ExampleName[] = [
  'services.create/web',
  'services.create/taken',
  'services.create/unknown',
  'services.list/all',
  'services.show/web',
  'services.show/missing',
  'environments.create/staging',
  'environments.update/fallback',
  'environments.list/all',

  'bundles.create/archive',
  'bundles.create/refused',
  'bundles.list/newest',
  'bundles.show/manifest',
  'bundles.archive/whole',

  'deployments.create/archive',
  'deployments.create/bundle',
  'deployments.create/promotion',
  'deployments.create/rollback',
  'deployments.create/refused',
  'deployments.list/newest',
  'deployments.show/one',
  'deployments.update/message',
  'deployments.log/page',
  'deployments.log/live',
  'bundles.diff/entries',
  'bundles.files/contents',
  'environments.show/production',

  'operations.list/newest',
  'operations.show/one',
  'operations.log/rest',
  'operations.cancel/ended',
  'operations.retry/succeeded',
  'events.list/oldest',
  'events.list/live',

  'environments.delete/waited',
  'services.create/second',
  'services.update/rename',
  'services.update/changed',
  'services.delete/waited',
]
