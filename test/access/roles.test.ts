/** What each role may, in one file to be reviewed: UPDATE_GOLDEN=1 writes it. */
import { describe, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import {
  ALL_RIGHTS,
  BUILT_IN_ROLES,
  EVERYWHERE,
  effective,
  type Grant,
  hold,
  may,
  PERMISSIONS,
  type Permission,
  type Place,
  type Rights,
  type Scope,
} from '../../src/domain/access.ts'

const GOLDEN = join(import.meta.dirname, '../golden/roles.txt')
const of = (role: keyof typeof BUILT_IN_ROLES, scope: Scope): Rights => ({
  grants: [{ permissions: new Set(BUILT_IN_ROLES[role]), scope }],
  bounds: null,
})
const ROLES = Object.keys(BUILT_IN_ROLES) as (keyof typeof BUILT_IN_ROLES)[] // its own keys

const web: Scope = { serviceId: 'web', environmentId: null }
const staging: Scope = { serviceId: 'web', environmentId: 'staging' }
const SCOPES: [string, Scope][] = [
  ['instance', EVERYWHERE],
  ['service', web],
  ['environment', staging],
]
const PLACES: [string, Place][] = [
  ['the instance', {}],
  ['its service', web],
  ['its environment', staging],
  ['a sibling', { serviceId: 'web', environmentId: 'production' }],
  ['another service', { serviceId: 'docs', environmentId: null }],
]

function matrix(): string {
  const lines = [
    'What a role that was granted at a scope allows, and where.',
    '1 the instance   2 its service   3 its environment   4 a sibling of the environment   5 another service',
    '',
  ]
  for (const [name, scope] of SCOPES) {
    const head = ROLES.map((role) => role.padEnd(9)).join('')
    lines.push(`${`granted at: ${name}`.padEnd(28)}${head}`.trimEnd())
    for (const permission of PERMISSIONS) {
      const cells = ROLES.map((role) =>
        PLACES.map(([, place], index) => (may(of(role, scope), permission, place) ? index + 1 : '-')).join(
          '',
        ),
      )
      lines.push(`  ${permission.padEnd(26)}${cells.map((cell) => cell.padEnd(9)).join('')}`.trimEnd())
    }
    lines.push('')
  }
  return lines.join('\n')
}

test('the matrix role × permission is the golden file (UPDATE_GOLDEN=1 writes it)', () => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(GOLDEN, matrix())
  expect(matrix()).toBe(readFileSync(GOLDEN, 'utf8'))
})

const permission = fc.constantFrom(...PERMISSIONS)
const scope = fc.constantFrom(EVERYWHERE, web, staging, { serviceId: 'docs', environmentId: null })
const place = fc.constantFrom(...PLACES.map(([, one]) => one))
const grant = fc.record({ permissions: fc.uniqueArray(permission).map((words) => new Set(words)), scope })
const bounds = fc.option(
  fc.record({
    permissions: fc.option(fc.uniqueArray(permission).map((words) => new Set(words))),
    scopes: fc.option(fc.array(scope, { maxLength: 3 })),
  }),
)
const rights: fc.Arbitrary<Rights> = fc.record({ grants: fc.array(grant, { maxLength: 3 }), bounds })
const allowed = (these: Rights): string[] =>
  PERMISSIONS.flatMap((word) =>
    PLACES.filter(([, at]) => may(these, word, at)).map(([name]) => `${word} ${name}`),
  )

describe('J18 rights', () => {
  test('a key never allows what its owner may not', () =>
    fc.assert(
      fc.property(rights, permission, place, (these, word, at) => {
        const owner = { ...these, bounds: null }
        expect(may(these, word, at) && !may(owner, word, at)).toBe(false)
      }),
    ))

  test('what bounds leave is the same as asking with bounds', () =>
    fc.assert(
      fc.property(rights, (these) => {
        expect(allowed({ grants: effective(these), bounds: null })).toEqual(allowed(these))
      }),
    ))

  test('Z09 who holds rights may do everything that they allow', () =>
    fc.assert(
      fc.property(rights, rights, (those, these) => {
        const given: Rights = { ...these, bounds: null }
        if (hold(those, given)) expect(allowed(those)).toEqual(expect.arrayContaining(allowed(given)))
      }),
    ))

  test('Z09 an owner holds all, and an admin does not hold what makes an owner', () => {
    const everything = (grants: Grant[]): Rights => ({ grants, bounds: null })
    expect(hold(ALL_RIGHTS, of('owner', EVERYWHERE))).toBe(true)
    expect(hold(of('admin', EVERYWHERE), of('owner', EVERYWHERE))).toBe(false)
    expect(hold(of('admin', web), of('admin', EVERYWHERE))).toBe(false)
    expect(hold(of('admin', EVERYWHERE), of('deployer', staging))).toBe(true)
    expect(hold(of('deployer', staging), everything([]))).toBe(true)
    const key: Rights = {
      ...ALL_RIGHTS,
      bounds: { permissions: new Set<Permission>(['services:read']), scopes: null },
    }
    expect(hold(key, of('viewer', web))).toBe(false)
  })
})
