/** Whose a host name is, among the services of one instance (THREATS N04, N07). */
import type { Hostname } from './host-site.ts'
import { isBelowWildcard } from './hostname.ts'

/** A URL that there is, or the hold on one that was. */
export interface Claim {
  hostname: Hostname
  /** Null: the instance itself. */
  serviceId: string | null
  /** Of a name that was detached: until nobody remembers any more whereto it led, in ms. */
  heldUntil?: number
}

export interface ClaimInput {
  serviceId: string | null
  /** At least those at, above and below the name; ended holds do not matter. */
  existing: Iterable<Claim>
  now: number
}

export interface ClaimProblem {
  /** One sentence. It doesn't say whose the name is: not everybody may know. */
  message: string
  hint: string
}

/**
 * Why a canonical name can't be had by a service; null: it can. A name has one owner; a wildcard owns what is below it but
 * for exact names and narrower wildcards that were there before, which win in both gateways.
 */
export function claimProblem(
  hostname: Hostname,
  { serviceId, existing, now }: ClaimInput,
): ClaimProblem | null {
  for (const claim of existing) {
    if (claim.heldUntil !== undefined && claim.heldUntil <= now) continue
    const found = collision(hostname, claim, claim.serviceId === serviceId)
    if (found) return found
  }
  return null
}

function collision(hostname: Hostname, claim: Claim, isOwn: boolean): ClaimProblem | null {
  const isHeld = claim.heldUntil !== undefined
  if (isOwn && isHeld) return null
  if (claim.hostname === hostname) return isHeld ? held(hostname, claim) : used(hostname, isOwn)
  if (isOwn) return null
  if (isBelowWildcard(hostname, claim.hostname))
    return isHeld
      ? held(hostname, claim)
      : {
          message: `${hostname} is used by another service: it lies below the wildcard ${claim.hostname}.`,
          hint: 'Choose a name outside of it, or let its service give up the wildcard.',
        }
  // Until the hold ends, people are still led here by it, and nothing else than the wildcard would answer them.
  return isHeld && isBelowWildcard(claim.hostname, hostname) ? held(claim.hostname, claim) : null
}

const used = (hostname: Hostname, isOwn: boolean): ClaimProblem =>
  isOwn
    ? {
        message: `${hostname} is a URL of this service already.`,
        hint: 'Detach it first to attach it elsewhere.',
      }
    : {
        message: `${hostname} is used by another service.`,
        hint: 'Choose another name, or let its service detach it.',
      }

function held(hostname: Hostname, { heldUntil = 0 }: Claim): ClaimProblem {
  return {
    message: `${hostname} was used by another service until lately, and name servers may still lead its visitors here.`,
    hint: `It is free for others from ${new Date(heldUntil).toISOString()}.`,
  }
}
