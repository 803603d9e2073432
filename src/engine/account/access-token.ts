/** Short-lived JWTs of a session (RFC 9068 in manner): one algorithm, and the session's row is asked each time. */
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../../base/clock.ts'
import { LIMITS } from '../../base/limits.ts'

const ALGORITHM = 'HS256'
const TYPE = 'at+jwt'
const AUDIENCE = 'fairlead-api'

export interface AccessToken {
  accessToken: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

export class AccessTokens {
  private readonly key: Uint8Array
  private readonly issuer: string
  private readonly clock: Clock

  /** `key`: 32 bytes that are used for nothing else. */
  constructor(given: { key: Uint8Array; instanceId: string; clock: Clock }) {
    if (given.key.length < 32) throw new Error('the key of access tokens needs 256 bits')
    this.key = given.key
    this.issuer = `fairlead:${given.instanceId}`
    this.clock = given.clock
  }

  async issue({ userId, sessionId }: { userId: string; sessionId: string }): Promise<AccessToken> {
    const now = Math.floor(this.clock.now() / 1000)
    const expires = now + LIMITS.account.accessTokenSeconds
    const accessToken = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setSubject(userId)
      .setIssuer(this.issuer)
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setExpirationTime(expires)
      .sign(this.key)
    return { accessToken, expiresAt: expires * 1000 }
  }

  /** The session that it speaks for, or null for anything that this instance would not have issued now. */
  async sessionOf(token: string): Promise<{ userId: string; sessionId: string } | null> {
    if (token.length > LIMITS.account.accessTokenChars) return null
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: this.issuer,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'sid', 'iat', 'exp'],
        currentDate: new Date(this.clock.now()),
        maxTokenAge: LIMITS.account.accessTokenSeconds,
      })
      const { sub, sid } = payload
      // We set these two header fields and no others.
      const isOurs = Object.keys(protectedHeader).toSorted().join() === 'alg,typ'
      return isOurs && typeof sub === 'string' && typeof sid === 'string'
        ? { userId: sub, sessionId: sid }
        : null
    } catch (thrown) {
      if (thrown instanceof errors.JOSEError || thrown instanceof TypeError) return null
      throw thrown
    }
  }
}
