/** The API as data: one readable row a route. Server, OpenAPI document, CLI and page are made from it. */
import { API_KEY_ROUTES } from './routes/api-keys.ts'
import { AUDIT_ROUTES } from './routes/audit.ts'
import { BUNDLE_ROUTES } from './routes/bundles.ts'
import { CERTIFICATE_ROUTES } from './routes/certificates.ts'
import { DEPLOYMENT_ROUTES } from './routes/deployments.ts'
import { DNS_PROVIDER_ROUTES } from './routes/dns-providers.ts'
import { DRIFT_ROUTES } from './routes/drift.ts'
import { FACTOR_ROUTES } from './routes/factors.ts'
import { IDENTITY_ROUTES } from './routes/identities.ts'
import { INVITATION_ROUTES } from './routes/invitations.ts'
import { OPERATION_ROUTES } from './routes/operations.ts'
import { PASSKEY_ROUTES } from './routes/passkeys.ts'
import { PROFILE_ROUTES } from './routes/profile.ts'
import { ROLE_ROUTES } from './routes/roles.ts'
import { SERVICE_ROUTES } from './routes/services.ts'
import { SESSION_ROUTES } from './routes/session.ts'
import { SETTING_ROUTES } from './routes/settings.ts'
import { SIGN_IN_ROUTES } from './routes/sign-in.ts'
import { URL_ROUTES } from './routes/urls.ts'
import { USER_ROUTES } from './routes/users.ts'

export type { Answer, At, Body, Route } from './routes/row.ts'

export const ROUTES = {
  ...SERVICE_ROUTES,
  ...DEPLOYMENT_ROUTES,
  ...URL_ROUTES,
  ...BUNDLE_ROUTES,
  ...OPERATION_ROUTES,
  ...SESSION_ROUTES,
  ...SIGN_IN_ROUTES,
  ...API_KEY_ROUTES,
  ...AUDIT_ROUTES,
  ...PROFILE_ROUTES,
  ...FACTOR_ROUTES,
  ...PASSKEY_ROUTES,
  ...IDENTITY_ROUTES,
  ...USER_ROUTES,
  ...INVITATION_ROUTES,
  ...ROLE_ROUTES,
  ...SETTING_ROUTES,
  ...DNS_PROVIDER_ROUTES,
  ...CERTIFICATE_ROUTES,
  ...DRIFT_ROUTES,
}

export type RouteName = keyof typeof ROUTES
