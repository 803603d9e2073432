/** What must not come back with a backup, or can't be read any more without the key. */
import type { Database } from '../database.ts'

/** Sign-ins and one-time links of the time of the backup: some were ended or used since. */
export function dropPasses(db: Database): void {
  db.exec(`
    DELETE FROM sessions;
    DELETE FROM challenges;
    DELETE FROM invitations;
    DELETE FROM password_resets;
  `)
}

/**
 * Secrets that are entered again. Those of authenticator apps stay: a factor that can't be checked still bars the way,
 * to all but recovery codes and passkeys, until somebody resets it.
 */
export function forgetSealed(db: Database): void {
  db.exec(`
    UPDATE identity_providers SET client_secret = NULL;
    UPDATE dns_providers SET secrets = '{}';
    UPDATE certificates SET key = NULL;
    UPDATE acme_accounts SET key = NULL, url = NULL;
    UPDATE settings SET value = json_set(value, '$.externalHmacKey', NULL) WHERE name = 'certificates';
  `)
}
