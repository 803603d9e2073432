import { sha256Hex } from '../../base/secrets.ts'
import type { BundleFacts } from '../bundle.ts'
import type { ServingSettings } from '../environment.ts'
import { type HeaderRule, parseHeaders } from './headers.ts'
import { parseRedirects, type RedirectRule } from './redirects.ts'

/** Everything that decides an answer besides the files: the environment's settings and the bundle's own rules. */
export interface ServingRules {
  settings: ServingSettings
  headers: HeaderRule[]
  redirects: RedirectRule[]
  /** `X.gz` files that are URLs of their own although `X` stands beside them. */
  ownGzip: string[]
}

export function servingRules(
  settings: ServingSettings,
  facts: Pick<BundleFacts, 'headersText' | 'redirectsText' | 'ownGzip'>,
): ServingRules {
  const redirects = parseRedirects(facts.redirectsText ?? '')
  return {
    settings: {
      htmlHandling: settings.htmlHandling,
      // A bundle that says `/* /index.html 200` asks for it itself.
      notFoundHandling: redirects.singlePage ? 'single-page-application' : settings.notFoundHandling,
      buildFolders: settings.buildFolders,
      assetGraceSeconds: settings.assetGraceSeconds,
    },
    headers: parseHeaders(facts.headersText ?? '').rules,
    redirects: redirects.rules,
    ownGzip: facts.ownGzip,
  }
}

/** `<rules>` of DESIGN §4: 8 hex digits that are equal exactly when the rules are. */
export const rulesDigest = (rules: ServingRules): string => sha256Hex(JSON.stringify(rules)).slice(0, 8)
