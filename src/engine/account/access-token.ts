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

  async issue(given: { userId: string; sessionId: string }): Promise<AccessToken> {
    const now = Math.floor(this.clock.now() / 1000)
    const accessToken = await this.signed({ ...given, issuedAt: now })
    return { accessToken, expiresAt: (now + LIMITS.account.accessTokenSeconds) * 1000 }
  }

  /** `issuedAt`: seconds since 1970. The same words make the same token. */
  private signed(given: { userId: string; sessionId: string; issuedAt: number }): Promise<string> {
    return new SignJWT({ sid: given.sessionId })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setSubject(given.userId)
      .setIssuer(this.issuer)
      .setAudience(AUDIENCE)
      .setIssuedAt(given.issuedAt)
      .setExpirationTime(given.issuedAt + LIMITS.account.accessTokenSeconds)
      .sign(this.key)
  }

  /** The session that it speaks for, or null for anything that this instance would not have issued now. */
  async sessionOf(token: string): Promise<{ userId: string; sessionId: string } | null> {
    if (token.length > LIMITS.account.accessTokenChars) return null
    try {
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: this.issuer,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'sid', 'iat', 'exp'],
        currentDate: new Date(this.clock.now()),
        maxTokenAge: LIMITS.account.accessTokenSeconds,
      })
      const { sub, sid, iat } = payload
      if (typeof sub !== 'string' || typeof sid !== 'string' || iat === undefined) return null
      // No other claim, no other header field, and no other spelling of them: base64 has more than one for some bytes.
      const isOurs = token === (await this.signed({ userId: sub, sessionId: sid, issuedAt: iat }))
      return isOurs ? { userId: sub, sessionId: sid } : null
    } catch (thrown) {
      if (thrown instanceof errors.JOSEError || thrown instanceof TypeError) return null
      throw thrown
    }
  }
}
