/** What the reference says in prose: about each noun, each parameter, and who may do what. */
import type { Route, RouteName } from '../../contract/routes.ts'

type Noun = RouteName extends infer Name ? (Name extends `${infer Head}.${string}` ? Head : never) : never

/** In the order of the page. */
export const NOUNS: Record<Noun, string> = {
  services:
    'What a team runs: a name and a kind. A service comes with the environment `production`, and keeps its bundles and its history when it is deleted.',
  environments:
    'Places in a service, in their order: `staging`, `production`, `preview-42`. Each has settings and one live deployment, or none.',
  deployments:
    'Releases of a bundle into an environment: by an upload, a rollback or a promotion. Each is verified through the public path before it says that it succeeded.',
  urls: 'Host names that lead to an environment, to another host, or to Fairlead itself: a site in the gateway and DNS records, attached and detached as one operation.',
  bundles:
    'Archives as they came, named by their SHA-256 and kept until somebody erases them. The two questions of a folder deploy send only what the service does not hold.',
  operations:
    'Journalled changes of the outside world: deployments, changes of settings, deletions. After a crash they are resumed or unwound.',
  events: 'Who did what to which thing, when: one append-only log, as pages or live.',
  setup: 'The first account, made with the link that `serve` has printed on the console.',
  session:
    'Signing in and out, and who sends a request. The page has a cookie, programs an access token or an API key.',
  'sign-in':
    'The way in besides a password alone: second factors, passkeys, identity providers. A cookie of five minutes tells the browser that is on it.',
  profile: 'The own account: its name, its password, and where it is signed in.',
  totp: 'Codes of an authenticator app, which are asked for after the password (RFC 6238).',
  'recovery-codes': 'Codes for the day on which the second factor is lost: ten, each of which signs in once.',
  passkeys:
    'Keys in devices and password managers: a second factor after the password, or a whole sign-in (WebAuthn).',
  identities: 'Who one is at identity providers: linked by issuer and subject, and never by e-mail.',
  users:
    'Accounts of persons, who sign in, and of machines, which hold API keys and never do. Nobody changes a user who may do more than he may himself.',
  grants:
    'Roles of a user, each in the whole instance, in a service or in an environment. Nobody gives or takes what he does not hold himself.',
  factors: 'Second factors of somebody else, who has lost them.',
  'password-resets':
    'Links by which a person chooses a new password, made by somebody who looks after users. Second factors stay.',
  invitations:
    'Links by which a person makes an account of its own: for seven days, once, with a role that the inviter holds then and still.',
  'api-keys':
    'Credentials of programs. A key is told once; it may never do more than its owner may at that moment, and less where it was made so.',
  'identity-providers':
    'OpenID providers that people may sign in with. The client secret is sealed, and never told.',
  audit:
    'Every change and every refusal, with who and from where, in a chain of hashes. Nobody can change it through the API.',
  roles: 'Named sets of permissions: `owner`, `admin`, `deployer`, `viewer`, and those that owners make.',
  settings:
    'Settings of the instance: the gateway that URLs use, what their DNS records say, how they answer over HTTPS, which CA gives certificates, and which drift is put back by itself.',
  certificates:
    'Certificates of host names: those that a CA gave, and those that somebody brought. Keys are sealed, and never told.',
  drift:
    'What stands in the world and is not what the database says: files, links and records that somebody changed by hand. Each finding has a diff and two ways out: put back what the database says, or take what stands into it.',
  'dns-providers':
    'Who holds DNS zones, and the credentials for it. Those are sealed, and never told. The longest zone that holds a name decides which one makes its records.',
}

const PARAMETERS: Record<string, string> = {
  name: 'The name of the role.',
  grant: 'The id of the grant, as the user shows it.',
  service: 'The name of the service.',
  environment: 'The name of the environment in its service.',
  id: 'The id, as lists and answers tell it.',
  digest: 'The SHA-256 of the archive, in lower-case hex.',
  limit: 'How many items a page has at most.',
  cursor: '`next` of the page before.',
  format: '`csv`, or `jsonl` for lines of JSON.',
  ended: '`true`: those that have ended instead of those that are open.',
  message: 'What it is about, in a sentence.',
  reason: 'Why; it stays in the audit.',
  sha256: 'The SHA-256 of the archive in lower-case hex: it is refused unless these are its bytes.',
}

export const parameterWords = (name: string): string | undefined => PARAMETERS[name]

const PLACES: Record<Route['at'], string> = {
  public: 'Asks for no credentials.',
  self: 'For everybody who is signed in or holds a key.',
  list: 'For everybody who is signed in or holds a key: lists what he may read.',
  instance: 'at the whole instance',
  service: 'at the service, or at the whole instance',
  environment: 'at the environment, its service, or the whole instance',
  deployment: "at the deployment's environment, its service, or the whole instance",
  operation: "at the operation's environment, its service, or the whole instance",
  bundle: 'at the service, or at the whole instance',
  drift: "at the finding's environment, its service, or the whole instance",
  url: "at the URL's environment, its service, or the whole instance",
}

/** Who may call it, in a sentence. */
export function permissionWords({ need, at, alsoNeeds }: Route): string {
  if (at === 'public' || at === 'self') return PLACES[at]
  if (at === 'list') return need === null ? PLACES.list : `${PLACES.list} Permission: \`${need}\`.`
  if (need === null) return `Needs no more than to see it: a permission ${PLACES[at]}.`
  const also = alsoNeeds ? ` Other bodies need ${alsoNeeds.map((word) => `\`${word}\``).join(', ')}.` : ''
  return `Needs the permission \`${need}\` ${PLACES[at]}.${also}`
}
