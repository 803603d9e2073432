import type { Command } from './command.ts'
import { AUDIT_COMMANDS } from './commands/audit.ts'
import { AUTHORITY_COMMANDS } from './commands/authority.ts'
import { BUNDLE_COMMANDS } from './commands/bundles.ts'
import { CERTIFICATE_COMMANDS } from './commands/certificates.ts'
import { DEPLOYMENT_COMMANDS, OPERATION_COMMANDS } from './commands/deployments.ts'
import { DNS_PROVIDER_COMMANDS } from './commands/dns-providers.ts'
import { NGINX_COMMANDS } from './commands/doctor-nginx.ts'
import { DRIFT_COMMANDS } from './commands/drift.ts'
import { EXPORT_COMMANDS } from './commands/export.ts'
import { IDENTITY_PROVIDER_COMMANDS } from './commands/identity-providers.ts'
import { IMPORT_COMMANDS } from './commands/import.ts'
import { INVITATION_COMMANDS } from './commands/invitations.ts'
import { KEY_COMMANDS } from './commands/keys.ts'
import { LOGIN_COMMANDS } from './commands/login.ts'
import { RELEASE_COMMANDS } from './commands/release.ts'
import { GRANT_COMMANDS, ROLE_COMMANDS } from './commands/roles.ts'
import { MACHINE_COMMANDS, SERVER_COMMANDS } from './commands/server.ts'
import { ENVIRONMENT_COMMANDS, SERVICE_COMMANDS } from './commands/services.ts'
import { SETTING_COMMANDS } from './commands/settings.ts'
import { URL_CHANGE_COMMANDS } from './commands/url-changes.ts'
import { DNS_COMMANDS, URL_COMMANDS } from './commands/urls.ts'
import { USER_COMMANDS } from './commands/users.ts'

const version: Command = {
  name: 'version',
  group: 'Server',
  summary: 'Print the version',
  positionals: [],
  flags: {},
  examples: ['fairlead version'],
  async run({ context, output }) {
    output.result({ version: context.version }, () => [context.version])
    return 0
  },
}

/** Every command there is; `help` is not one of them but the way to read this table. */
export const COMMANDS: readonly Command[] = [
  ...RELEASE_COMMANDS,
  ...SERVICE_COMMANDS,
  ...ENVIRONMENT_COMMANDS,
  ...URL_COMMANDS,
  ...URL_CHANGE_COMMANDS,
  ...DNS_COMMANDS,
  ...CERTIFICATE_COMMANDS,
  ...DRIFT_COMMANDS,
  ...DEPLOYMENT_COMMANDS,
  ...BUNDLE_COMMANDS,
  ...OPERATION_COMMANDS,
  ...LOGIN_COMMANDS,
  ...USER_COMMANDS,
  ...INVITATION_COMMANDS,
  ...ROLE_COMMANDS,
  ...GRANT_COMMANDS,
  ...KEY_COMMANDS,
  ...IDENTITY_PROVIDER_COMMANDS,
  ...AUDIT_COMMANDS,
  ...SERVER_COMMANDS,
  ...SETTING_COMMANDS,
  ...AUTHORITY_COMMANDS,
  ...DNS_PROVIDER_COMMANDS,
  version,
  ...MACHINE_COMMANDS,
  ...NGINX_COMMANDS,
  ...IMPORT_COMMANDS,
  ...EXPORT_COMMANDS,
]
