/** API keys: made, changed, rotated, revoked. Only the hash of a key is kept; it has 256 random bits, so one is enough. */
import { randomBytes } from 'node:crypto'
import { blockText, isBlockWithin, parseBlock } from '../../base/addresses.ts'
import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { randomId, sha256Hex } from '../../base/secrets.ts'
import { effective, isPermission, type Permission, type Rights } from '../../domain/access.ts'
import { requireDisplayName } from '../../domain/account/login.ts'
import type { Actor } from '../../domain/operation.ts'
import type { ApiKeyRow } from '../../store/account/api-keys.ts'
import type { UserRow } from '../../store/account/users.ts'
import type { Store } from '../../store/store.ts'
import { grantsOf } from '../access.ts'
import type { World } from '../step.ts'
import { type Authority, requireHeld, scopeOf } from './authority.ts'

type Rows = Pick<World, 'store' | 'clock'>

export interface WishedKey {
  name: string
  /** Permission words, or names of roles that stand for theirs. */
  permissions?: readonly string[] | undefined
  scopes?: readonly { service: string; environment?: string | undefined }[] | undefined
  addresses?: readonly string[] | undefined
  /** Milliseconds; null: never; undefined: after the usual time. */
  expiresAt?: number | null | undefined
}

export interface MadeKey {
  row: ApiKeyRow
  /** Told to whoever asked for it, and then forgotten. */
  key: string
}

/** `fl_`, eight characters that tell one from another, and the secret. */
function newKey(): { key: string; prefix: string; keyHash: string } {
  const prefix = `fl_${randomId().slice(0, 8)}`
  const key = `${prefix}_${randomBytes(32).toString('base64url')}`
  return { key, prefix, keyHash: sha256Hex(key) }
}

/** Throws `invalid`, `not_found` for roles and places, and `forbidden` for a key that could do more than its maker. */
export function createApiKey(
  { store, clock }: Rows,
  by: Authority,
  { user, wished }: { user: UserRow; wished: WishedKey },
): MadeKey {
  return store.tx(() => {
    const now = clock.now()
    const expiresAt =
      wished.expiresAt === undefined ? now + LIMITS.apiKey.defaultMs : requireFuture(wished.expiresAt, now)
    const bounds = {
      permissions: wished.permissions ? wordsOf(store, wished.permissions) : null,
      scopes: wished.scopes?.map((scope) => scopeOf(store, by.rights(), scope)) ?? null,
    }
    const given = {
      name: requireDisplayName(wished.name),
      addresses: noWiderThan(store, by.actor, wished.addresses ? canonicalBlocks(wished.addresses) : null),
      ...bounds,
    }
    requireHeld(by, boundBy(store, user.id, bounds), 'make such an API key')
    const { key, ...hashed } = newKey()
    const row = store.apiKeys.create({
      userId: user.id,
      ...given,
      ...hashed,
      expiresAt: noLaterThan(store, by.actor, expiresAt),
      now,
    })
    note({ store, clock }, by.actor, { kind: 'api-key.created', row, data: { after: shownOf(row) } })
    return { row, key }
  })
}

export interface KeyChange {
  name?: string | undefined
  addresses?: readonly string[] | null | undefined
  expiresAt?: number | null | undefined
}

/** Changes what is given. Throws `invalid`, `forbidden`. */
export function changeApiKey(
  { store, clock }: Rows,
  by: Authority,
  { row, change }: { row: ApiKeyRow; change: KeyChange },
): ApiKeyRow {
  const { name, addresses, expiresAt } = change
  return store.tx(() => {
    requireHeld(by, boundBy(store, row.userId, row), 'change this API key')
    const after = {
      name: name === undefined ? row.name : requireDisplayName(name),
      addresses:
        addresses === undefined
          ? row.addresses
          : noWiderThan(store, by.actor, addresses && canonicalBlocks(addresses)),
      expiresAt:
        expiresAt === undefined
          ? row.expiresAt
          : noLaterThan(store, by.actor, requireFuture(expiresAt, clock.now())),
    }
    const isSame = Object.entries(after).every(
      ([field, value]) => JSON.stringify(value) === JSON.stringify(row[field as keyof typeof after]), // its own keys
    )
    if (isSame) return row
    store.apiKeys.change(row.id, after)
    const { name: wasNamed, addresses: wereAddresses, expiresAt: wasEnd } = row
    const before = { name: wasNamed, addresses: wereAddresses, expiresAt: wasEnd }
    note({ store, clock }, by.actor, { kind: 'api-key.changed', row, data: { before, after } })
    return required(store, row.id)
  })
}

/** A new key with the same scope and as long a life; the old one works on for the overlap. Throws `conflict`. */
export function rotateApiKey(
  { store, clock }: Rows,
  by: Authority,
  { row, overlapMs }: { row: ApiKeyRow; overlapMs: number },
): MadeKey {
  return store.tx(() => {
    requireHeld(by, boundBy(store, row.userId, row), 'rotate this API key')
    if (row.replacedBy !== null)
      throw new Fault('conflict', 'This API key has been rotated already.', {
        hint: 'Rotate the one that took its place, or revoke both and make a new one.',
      })
    const now = clock.now()
    const life = row.expiresAt === null ? null : row.expiresAt - row.createdAt
    const { userId, name, permissions, scopes, addresses } = row
    const { key, ...hashed } = newKey()
    const made = store.apiKeys.create({
      userId,
      name,
      permissions,
      scopes,
      addresses: noWiderThan(store, by.actor, addresses),
      ...hashed,
      expiresAt: noLaterThan(store, by.actor, life === null ? null : now + life),
      now,
    })
    const end = Math.min(row.expiresAt ?? Number.MAX_SAFE_INTEGER, now + overlapMs)
    store.apiKeys.replace(row.id, { by: made.id, expiresAt: end })
    note({ store, clock }, by.actor, {
      kind: 'api-key.rotated',
      row,
      data: { after: shownOf(made), until: end },
    })
    return { row: made, key }
  })
}

/** From now on it opens nothing. Throws `forbidden`. */
export function revokeApiKey({ store, clock }: Rows, by: Authority, row: ApiKeyRow): void {
  store.tx(() => {
    requireHeld(by, boundBy(store, row.userId, row), 'revoke this API key')
    store.apiKeys.revoke(row.id, clock.now())
    note({ store, clock }, by.actor, { kind: 'api-key.revoked', row, data: { before: shownOf(row) } })
  })
}

/** What a key allows: its owner's grants, whether or not he is disabled just now, within its bounds. */
const boundBy = (
  store: Store,
  userId: string,
  { permissions, scopes }: Pick<ApiKeyRow, 'permissions' | 'scopes'>,
): Rights => ({
  grants: effective({
    grants: grantsOf(store, userId).grants,
    bounds: { permissions: permissions && new Set(permissions), scopes },
  }),
  bounds: null,
})

function wordsOf(store: Store, given: readonly string[]): Permission[] {
  const words = given.flatMap((word) =>
    isPermission(word) ? [word] : store.roles.required(word).permissions,
  )
  return [...new Set(words)].toSorted()
}

function canonicalBlocks(given: readonly string[]): string[] {
  return [...new Set(given.map(canonicalBlock))]
}

function canonicalBlock(text: string): string {
  const block = parseBlock(text)
  if (block) return blockText(block)
  throw new Fault('invalid', `"${shown(text, 60)}" is no address and no block of addresses.`, {
    hint: 'Use CIDR, such as 192.0.2.0/24 or 2001:db8::/32, without bits behind the prefix.',
    errors: [{ field: 'addresses', message: 'must be addresses or CIDR blocks' }],
  })
}

function requireFuture(expiresAt: number | null, now: number): number | null {
  if (expiresAt === null || expiresAt > now) return expiresAt
  throw new Fault('invalid', 'The end of the API key has passed already.', {
    hint: 'Name a time that is still to come.',
    errors: [{ field: 'expiresAt', message: 'must be in the future' }],
  })
}

/** What a key makes or lengthens ends when it does: a leaked one can't outlive itself. */
function noLaterThan(store: Store, { keyId }: Actor, expiresAt: number | null): number | null {
  const own = keyId === undefined ? null : (store.apiKeys.find(keyId)?.expiresAt ?? null)
  return own === null ? expiresAt : Math.min(expiresAt ?? own, own)
}

/** Nor be used where it could not be itself. Throws `forbidden` for addresses that were asked for. */
function noWiderThan(store: Store, { keyId }: Actor, addresses: string[] | null): string[] | null {
  const own = keyId === undefined ? null : (store.apiKeys.find(keyId)?.addresses ?? null)
  if (own === null || addresses === null) return own ?? addresses
  const blocks = own.flatMap((block) => parseBlock(block) ?? [])
  const isWithinOwn = addresses.every((text) => {
    const block = parseBlock(text)
    return block !== null && isBlockWithin(block, blocks)
  })
  if (isWithinOwn) return addresses
  throw new Fault('forbidden', 'An API key gives no other one more addresses than it has itself.', {
    hint: `This one may be used from: ${own.join(', ')}.`,
  })
}

const shownOf = ({ name, prefix, permissions, scopes, addresses, expiresAt }: ApiKeyRow): object => ({
  name,
  prefix,
  permissions,
  scopes,
  addresses,
  expiresAt,
})

function note(
  { store, clock }: Rows,
  actor: Actor,
  { kind, row, data }: { kind: string; row: ApiKeyRow; data: object },
): void {
  store.events.append({ at: clock.now(), kind, actor, data: { key: row.id, user: row.userId, ...data } })
}

function required(store: Store, id: string): ApiKeyRow {
  const row = store.apiKeys.find(id)
  if (!row) throw noApiKey()
  return row
}

export const noApiKey = (): Fault =>
  new Fault('not_found', 'There is no such API key.', { hint: 'List the API keys to see their ids.' })
