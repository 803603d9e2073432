import { afterAll, describe } from 'bun:test'
import { treeKey } from '../../src/domain/bundle.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/environment.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import {
  a,
  b,
  cutEverywhere,
  deploy,
  environment,
  headed,
  live,
  removeFolder,
  type Scenario,
} from './power-cuts.ts'

afterAll(removeFolder)

const SCENARIOS: Scenario[] = [
  { name: 'the first deployment', before: async () => {}, wish: (e) => deploy(e, a), old: null, fresh: a },
  { name: 'a deployment with equal rules', before: live(a), wish: (e) => deploy(e, b), old: a, fresh: b },
  {
    name: 'a deployment with new rules',
    before: live(a),
    wish: (e) => deploy(e, headed),
    old: a,
    fresh: headed,
  },
  {
    name: 'a rollback',
    before: async (e) => {
      await live(a)(e)
      await live(headed)(e)
    },
    wish: (e) =>
      e.acceptance.deploy(
        { environmentId: environment(e).id, actor: LOCAL_ACTOR, message: null },
        { rollbackTo: 'previous' },
      ),
    old: headed,
    fresh: a,
  },
  {
    name: 'a deployment that visitors see wrong',
    before: live(a),
    wish: (e, outside) => {
      outside.lie = (path, tree) => (path === '/x.txt' && tree === treeKey(headed) ? 'a stale answer' : null)
      return deploy(e, headed)
    },
    old: a,
    fresh: a,
  },
  {
    name: 'changed settings',
    before: live(a),
    wish: (e) =>
      e.acceptance.changeSettings(
        environment(e).id,
        { ...DEFAULT_SETTINGS, notFoundHandling: 'single-page-application' },
        LOCAL_ACTOR,
      ) ?? '',
    old: a,
    fresh: a,
  },
  {
    name: 'the deletion of an environment',
    before: live(a),
    wish: (e) => e.acceptance.deleteEnvironment(environment(e).id, LOCAL_ACTOR),
    old: a,
    fresh: null,
  },
  {
    name: 'the deletion of a service',
    before: live(a),
    wish: (e) => e.acceptance.deleteService(e.world.store.services.named('web'), LOCAL_ACTOR),
    old: a,
    fresh: null,
  },
]

describe('R02 power cuts at every pair of moments end in the old state or the new one', () => {
  for (const scenario of SCENARIOS) cutEverywhere(scenario)
})
