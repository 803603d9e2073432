import type { List, Log, Method } from '../method.js';
import type { Archive } from '../transport.js';
import type * as t from './types.js';
/** What a team runs: a name and a kind. A service comes with the environment `production`, and keeps its bundles and its history when it is deleted. */
export interface ServicesCalls {
    /** List the services with what is live in each environment. For everybody who is signed in or holds a key: lists what he may read. Permission: `services:read`. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Service>;
    /** Create a service; it comes with the environment production. Needs the permission `services:create` at the whole instance. */
    create: Method<{
        json: {
            name: t.Name;
            kind?: 'static';
        };
    }, t.Service>;
    /** Show a service. Needs the permission `services:read` at the service, or at the whole instance. */
    show: Method<{
        params: {
            service: t.Name;
        };
    }, t.Service>;
    /** Rename a service. Needs the permission `services:update` at the service, or at the whole instance. */
    update: Method<{
        params: {
            service: t.Name;
        };
    } & {
        json: {
            name?: t.Name;
        };
    }, t.Service>;
    /** Delete a service; its bundles and history stay. Needs the permission `services:delete` at the service, or at the whole instance. */
    delete: Method<{
        params: {
            service: t.Name;
        };
    } & {
        query?: {
            wait?: boolean;
        };
    }, t.Operation>;
}
/** Places in a service, in their order: `staging`, `production`, `preview-42`. Each has settings and one live deployment, or none. */
export interface EnvironmentsCalls {
    /** List the environments of a service in their order. Needs the permission `services:read` at the service, or at the whole instance. */
    list: List<{
        params: {
            service: t.Name;
        };
    } & {
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Environment>;
    /** Add an environment. Needs the permission `environments:create` at the service, or at the whole instance. */
    create: Method<{
        params: {
            service: t.Name;
        };
    } & {
        json: {
            name: t.Name;
            htmlHandling?: 'auto-trailing-slash' | 'force-trailing-slash' | 'drop-trailing-slash' | 'none';
            notFoundHandling?: '404-page' | 'single-page-application' | 'none';
            /** Folders whose fingerprinted files may be cached for a year. */
            buildFolders?: string[];
            assetGraceSeconds?: number;
            retain?: number;
            /** Whether a second person has to approve deployments and promotions. */
            approval?: boolean;
        };
    }, t.Environment>;
    /** Show an environment. Needs the permission `environments:read` at the environment, its service, or the whole instance. */
    show: Method<{
        params: {
            service: t.Name;
            environment: t.Name;
        };
    }, t.Environment>;
    /** Change the name, place or settings of an environment. Needs the permission `environments:update` at the environment, its service, or the whole instance. */
    update: Method<{
        params: {
            service: t.Name;
            environment: t.Name;
        };
    } & {
        json: {
            name?: t.Name;
            /** Place in the order, from 0; the others move. */
            position?: number;
            htmlHandling?: 'auto-trailing-slash' | 'force-trailing-slash' | 'drop-trailing-slash' | 'none';
            notFoundHandling?: '404-page' | 'single-page-application' | 'none';
            /** Folders whose fingerprinted files may be cached for a year. */
            buildFolders?: string[];
            assetGraceSeconds?: number;
            retain?: number;
            /** Whether a second person has to approve deployments and promotions. */
            approval?: boolean;
        };
    }, t.Environment>;
    /** Delete an environment; its bundles and history stay. Needs the permission `environments:delete` at the environment, its service, or the whole instance. */
    delete: Method<{
        params: {
            service: t.Name;
            environment: t.Name;
        };
    } & {
        query?: {
            wait?: boolean;
        };
    }, t.Operation>;
}
/** Releases of a bundle into an environment: by an upload, a rollback or a promotion. Each is verified through the public path before it says that it succeeded. */
export interface DeploymentsCalls {
    /** List the deployments of an environment, newest first. Needs the permission `deployments:read` at the environment, its service, or the whole instance. */
    list: List<{
        params: {
            service: t.Name;
            environment: t.Name;
        };
    } & {
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Deployment>;
    /** Deploy an archive, a stored bundle, an earlier deployment (rollback) or what another environment has live (promotion). The body is the archive itself, or JSON that names what is there already. Without `wait` the answer is 202 at once, and the deployment goes on by itself. With `wait=true` it is 201 only when visitors have it; otherwise a problem that holds the `deployment`: what was live before stays live.
  
  Needs the permission `deployments:deploy` at the environment, its service, or the whole instance. Other bodies need `deployments:rollback`, `deployments:promote`. */
    create: Method<{
        params: {
            service: t.Name;
            environment: t.Name;
        };
    } & {
        query?: {
            wait?: boolean;
            message?: string;
            sha256?: t.Digest;
        };
    } & ({
        json: {
            bundle: t.Digest;
            message?: string | null;
        } | {
            rollbackTo: t.Id | 'previous';
            message?: string | null;
        } | {
            promoteFrom: t.Name;
            message?: string | null;
        };
    } | {
        archive: Archive;
    }), t.Deployment>;
    /** Show a deployment. Needs the permission `deployments:read` at the deployment's environment, its service, or the whole instance. */
    show: Method<{
        params: {
            id: t.Id;
        };
    }, t.Deployment>;
    /** Change the message of a deployment. Needs the permission `deployments:update` at the deployment's environment, its service, or the whole instance. */
    update: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            message?: string | null;
        };
    }, t.Deployment>;
    /** Hide a deployment that is not live; its bundle stays. The answer is it as it was. Needs the permission `deployments:delete` at the deployment's environment, its service, or the whole instance. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    } & {
        query?: {
            reason?: string;
        };
    }, t.Deployment>;
    /** Approve a deployment that waits for a second person; not for whoever started it. Needs the permission `deployments:approve` at the deployment's environment, its service, or the whole instance. */
    approve: Method<{
        params: {
            id: t.Id;
        };
    }, t.Deployment>;
    /** The log of a deployment, whole or live. With `Accept: text/event-stream` each line is an event `line` as it is written, from the first one or the one after `Last-Event-ID`; the event `end` tells how the deployment ended.
  
  Needs the permission `deployments:read` at the deployment's environment, its service, or the whole instance. */
    log: Log<{
        params: {
            id: t.Id;
        };
    } & {
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.LogLine>;
}
/** Host names that lead to an environment, to another host, or to Fairlead itself: a site in the gateway and DNS records, attached and detached as one operation. */
export interface UrlsCalls {
    /** List the URLs of all services, oldest first. For everybody who is signed in or holds a key: lists what he may read. Permission: `urls:read`. */
    all: List<{
        query?: {
            limit?: number;
            cursor?: string;
            hostname?: t.Hostname;
            kind?: 'self';
        };
    }, t.Url>;
    /** Put Fairlead's own page and API behind a host name. The site is put up, the DNS records are made, and the public path is asked. Without `wait` the answer is 202 at once, `Location` is the operation, and it goes on by itself. With `wait=true` it is 201 only when the URL is attached; otherwise a problem that says what the gateway or the name servers said and holds the `operation`: nothing is left of it. The server answers to the name of `--url`; start it with this one.
  
  Needs the permission `settings:update` at the whole instance. */
    createSelf: Method<{
        query?: {
            wait?: boolean;
        };
    } & {
        json: {
            kind: 'self';
            hostname: t.Hostname;
            /** Who makes the records. `auto`: the provider that holds the zone, or a person when no provider is set up; `manual`: a person; `none`: nobody, the name leads here already. */
            dns?: 'auto' | 'manual' | 'none';
            /** Where its certificate comes from. `auto`: from the CA that is set up; `own`: the one among those that were brought which covers the name and is good for longest; `none`: it answers over plain HTTP alone. */
            https?: 'none' | 'auto' | 'own';
            /** Whether plain HTTP leads to HTTPS. */
            redirectToHttps?: boolean;
            /** Null: browsers are told nothing. */
            hsts?: t.Hsts | null;
            /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
            minimumTls?: 'TLSv1.2' | 'TLSv1.3';
        };
    }, t.Url>;
    /** List the URLs of an environment, oldest first. Needs the permission `urls:read` at the environment, its service, or the whole instance. */
    list: List<{
        params: {
            service: t.Name;
            environment: t.Name;
        };
    } & {
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Url>;
    /** Attach a host name to an environment. The site is put up, the DNS records are made, and the public path is asked. Without `wait` the answer is 202 at once, `Location` is the operation, and it goes on by itself. With `wait=true` it is 201 only when the URL is attached; otherwise a problem that says what the gateway or the name servers said and holds the `operation`: nothing is left of it. A wildcard (`*.example.com`) takes the permission `urls:wildcard` too.
  
  Needs the permission `urls:create` at the environment, its service, or the whole instance. */
    create: Method<{
        params: {
            service: t.Name;
            environment: t.Name;
        };
    } & {
        query?: {
            wait?: boolean;
        };
    } & {
        json: {
            hostname: t.Hostname;
            /** `redirect` needs `redirectTo` too. */
            kind?: 'site' | 'redirect';
            /** Another host; visitors keep their path and query. With `http://` or `https://` in front it is that scheme, else the one they came by. */
            redirectTo?: string;
            /** 308 unless it is said. */
            redirectStatus?: 301 | 302 | 307 | 308;
            /** Who makes the records. `auto`: the provider that holds the zone, or a person when no provider is set up; `manual`: a person; `none`: nobody, the name leads here already. */
            dns?: 'auto' | 'manual' | 'none';
            /** Where its certificate comes from. `auto`: from the CA that is set up; `own`: the one among those that were brought which covers the name and is good for longest; `none`: it answers over plain HTTP alone. */
            https?: 'none' | 'auto' | 'own';
            /** Whether plain HTTP leads to HTTPS. */
            redirectToHttps?: boolean;
            /** Null: browsers are told nothing. */
            hsts?: t.Hsts | null;
            /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
            minimumTls?: 'TLSv1.2' | 'TLSv1.3';
        };
    }, t.Url>;
    /** Say what attaching a host name would change; nothing is changed. The gateway and the DNS provider are asked what stands there now. What is in the way is in `conflicts` and `findings`, and is no error.
  
  Needs the permission `urls:create` at the environment, its service, or the whole instance. */
    plan: Method<{
        params: {
            service: t.Name;
            environment: t.Name;
        };
    } & {
        json: {
            hostname: t.Hostname;
            /** `redirect` needs `redirectTo` too. */
            kind?: 'site' | 'redirect';
            /** Another host; visitors keep their path and query. With `http://` or `https://` in front it is that scheme, else the one they came by. */
            redirectTo?: string;
            /** 308 unless it is said. */
            redirectStatus?: 301 | 302 | 307 | 308;
            /** Who makes the records. `auto`: the provider that holds the zone, or a person when no provider is set up; `manual`: a person; `none`: nobody, the name leads here already. */
            dns?: 'auto' | 'manual' | 'none';
            /** Where its certificate comes from. `auto`: from the CA that is set up; `own`: the one among those that were brought which covers the name and is good for longest; `none`: it answers over plain HTTP alone. */
            https?: 'none' | 'auto' | 'own';
            /** Whether plain HTTP leads to HTTPS. */
            redirectToHttps?: boolean;
            /** Null: browsers are told nothing. */
            hsts?: t.Hsts | null;
            /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
            minimumTls?: 'TLSv1.2' | 'TLSv1.3';
        };
    }, t.UrlPlan>;
    /** Say what putting Fairlead's own page behind a host name would change; nothing is changed. As `urls.plan`.
  
  Needs the permission `settings:update` at the whole instance. */
    planSelf: Method<{
        json: {
            kind: 'self';
            hostname: t.Hostname;
            /** Who makes the records. `auto`: the provider that holds the zone, or a person when no provider is set up; `manual`: a person; `none`: nobody, the name leads here already. */
            dns?: 'auto' | 'manual' | 'none';
            /** Where its certificate comes from. `auto`: from the CA that is set up; `own`: the one among those that were brought which covers the name and is good for longest; `none`: it answers over plain HTTP alone. */
            https?: 'none' | 'auto' | 'own';
            /** Whether plain HTTP leads to HTTPS. */
            redirectToHttps?: boolean;
            /** Null: browsers are told nothing. */
            hsts?: t.Hsts | null;
            /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
            minimumTls?: 'TLSv1.2' | 'TLSv1.3';
        };
    }, t.UrlPlan>;
    /** Take host names over from files of NGINX that are not Fairlead's. The sites are put up and the files moved away in one change with one reload; on any failure both are as before. Visitors are answered all the while. No DNS record is made: the names lead here already. It takes `urls:create` (for a wildcard `urls:wildcard`) in each environment too. Without `wait` the answer is 202 at once and `Location` is the operation.
  
  Needs the permission `settings:update` at the whole instance. */
    takeOver: Method<{
        query?: {
            wait?: boolean;
        };
    } & {
        json: {
            /** Files of NGINX as its configuration includes them. Each goes as a whole, so all of its host names have to be in `urls`; all files that share a name go together. */
            files: string[];
            /** Whether servers of these files for names that nobody has may go with them. */
            withCatchAll?: boolean;
            urls: {
                hostname: t.Hostname;
                /** `redirect` needs `redirectTo` too. */
                kind?: 'site' | 'redirect';
                /** Another host; visitors keep their path and query. With `http://` or `https://` in front it is that scheme, else the one they came by. */
                redirectTo?: string;
                /** 308 unless it is said. */
                redirectStatus?: 301 | 302 | 307 | 308;
                /** Where its certificate comes from. `auto`: from the CA that is set up; `own`: the one among those that were brought which covers the name and is good for longest; `none`: it answers over plain HTTP alone. */
                https?: 'none' | 'auto' | 'own';
                /** Whether plain HTTP leads to HTTPS. */
                redirectToHttps?: boolean;
                /** Null: browsers are told nothing. */
                hsts?: t.Hsts | null;
                /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
                minimumTls?: 'TLSv1.2' | 'TLSv1.3';
                service: t.Name;
                environment: t.Name;
            }[];
        };
    }, t.Operation>;
    /** Show a URL. Needs the permission `urls:read` at the URL's environment, its service, or the whole instance. */
    show: Method<{
        params: {
            id: t.Id;
        };
    }, t.Url>;
    /** Change how a URL answers over HTTPS; what is not named stays. The certificate is had first, then the site is put up anew; visitors are answered all the while. Without `wait` the answer is 202 at once and `Location` is the operation. With `wait=true` it is 200 only when it is so; otherwise a problem that holds the `operation`, and the URL answers as before. Of `self` it takes `settings:update` too.
  
  Needs the permission `urls:update` at the URL's environment, its service, or the whole instance. */
    update: Method<{
        params: {
            id: t.Id;
        };
    } & {
        query?: {
            wait?: boolean;
        };
    } & {
        json: {
            /** Where its certificate comes from. `auto`: from the CA that is set up; `own`: the one among those that were brought which covers the name and is good for longest; `none`: it answers over plain HTTP alone. */
            https?: 'none' | 'auto' | 'own';
            /** Whether plain HTTP leads to HTTPS. */
            redirectToHttps?: boolean;
            /** Null: browsers are told nothing. */
            hsts?: t.Hsts | null;
            /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
            minimumTls?: 'TLSv1.2' | 'TLSv1.3';
        };
    }, t.Url>;
    /** Detach a host name: first its DNS records, then its site. Records that somebody changed meanwhile are a conflict and stay. The name stays with its service until resolvers have forgotten the records. Of `self` it takes `settings:update` too.
  
  Needs the permission `urls:delete` at the URL's environment, its service, or the whole instance. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    } & {
        query?: {
            wait?: boolean;
        };
    }, t.Operation>;
    /** Ask the CA for a new certificate now, whenever it would be due. For URLs whose `https.mode` is `auto`. With `wait=true` it is 201 only when it answers with it; the rest is as `urls.update` has it.
  
  Needs the permission `urls:update` at the URL's environment, its service, or the whole instance. */
    renew: Method<{
        params: {
            id: t.Id;
        };
    } & {
        query?: {
            wait?: boolean;
        };
    }, t.Url>;
    /** Ask the public path what it answers under the name, and note it. Needs the permission `urls:read` at the URL's environment, its service, or the whole instance. */
    probe: Method<{
        params: {
            id: t.Id;
        };
    }, t.Url>;
}
/** Archives as they came, named by their SHA-256 and kept until somebody erases them. The two questions of a folder deploy send only what the service does not hold. */
export interface BundlesCalls {
    /** List the bundles of a service, newest first. Needs the permission `bundles:read` at the service, or at the whole instance. */
    list: List<{
        params: {
            service: t.Name;
        };
    } & {
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Bundle>;
    /** Store and check an archive without deploying it. Needs the permission `bundles:create` at the service, or at the whole instance. */
    create: Method<{
        params: {
            service: t.Name;
        };
    } & {
        query?: {
            sha256?: t.Digest;
        };
    } & {
        archive: Archive;
    }, t.Bundle>;
    /** Ask what of a folder the service does not hold yet. The two questions of a [folder deploy](/docs/folder-deploy): with `buckets`, which parts of the folder differ from a bundle that is live; with `entries` of those parts, which contents are missing.
  
  Needs the permission `bundles:create` at the service, or at the whole instance. */
    diff: Method<{
        params: {
            service: t.Name;
        };
    } & {
        json: t.BundleDiffBuckets | t.BundleDiffEntries;
    }, t.BundleDiffAnswer>;
    /** The manifest of a bundle. Needs the permission `bundles:read` at the service, or at the whole instance. */
    show: Method<{
        params: {
            service: t.Name;
            digest: t.Digest;
        };
    }, t.BundleManifest>;
    /** Erase the bytes of a bundle for good, such as a leaked secret. The answer is it as it was. Not while it is live, being deployed or kept for a rollback. Who, when and why stays in the audit. Backups made before still hold it, and so does another service that was sent the same bytes; one that has been deleted does not.
  
  Needs the permission `bundles:delete` at the service, or at the whole instance. */
    delete: Method<{
        params: {
            service: t.Name;
            digest: t.Digest;
        };
    } & {
        query?: {
            reason?: string;
        };
    }, t.Bundle>;
    /** The very bytes that came. Needs the permission `bundles:read` at the service, or at the whole instance. */
    archive: Method<{
        params: {
            service: t.Name;
            digest: t.Digest;
        };
    }, Response>;
    /** Send the missing contents of a folder as one tar; the bundle is rebuilt from them. The tar has `entries.json` first and then each missing content under its SHA-256, as the guide to [folder deploy](/docs/folder-deploy) says.
  
  Needs the permission `bundles:create` at the service, or at the whole instance. */
    files: Method<{
        params: {
            service: t.Name;
            digest: t.Digest;
        };
    } & {
        archive: Archive;
    }, t.Bundle>;
}
/** Journalled changes of the outside world: deployments, changes of settings, deletions. After a crash they are resumed or unwound. */
export interface OperationsCalls {
    /** List the operations, newest first. For everybody who is signed in or holds a key: lists what he may read. Permission: `operations:read`. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Operation>;
    /** Show an operation. Needs the permission `operations:read` at the operation's environment, its service, or the whole instance. */
    show: Method<{
        params: {
            id: t.Id;
        };
    }, t.Operation>;
    /** The log of an operation, whole or live. With `Accept: text/event-stream` each line is an event `line` as it is written, from the first one or the one after `Last-Event-ID`; the event `end` tells how the operation ended.
  
  Needs the permission `operations:read` at the operation's environment, its service, or the whole instance. */
    log: Log<{
        params: {
            id: t.Id;
        };
    } & {
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.LogLine>;
    /** Cancel an operation; possible until its switch has begun. Needs the permission `operations:cancel` at the operation's environment, its service, or the whole instance. */
    cancel: Method<{
        params: {
            id: t.Id;
        };
    }, t.Operation>;
    /** Try a stuck operation again, or deploy the bundle of an ended deployment once more. Needs the permission `operations:update` at the operation's environment, its service, or the whole instance. */
    retry: Method<{
        params: {
            id: t.Id;
        };
    }, t.Operation>;
}
/** Who did what to which thing, when: one append-only log, as pages or live. */
export interface EventsCalls {
    /** What happened, oldest first, or live. With `Accept: text/event-stream` each row is an event `event`: those that happen next, or those after `Last-Event-ID` (`0`: from the very beginning). The stream does not end.
  
  For everybody who is signed in or holds a key: lists what he may read. Permission: `events:read`. */
    list: Log<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Event>;
}
/** The first account, made with the link that `serve` has printed on the console. */
export interface SetupCalls {
    /** Whether the first account is still to be made. Asks for no credentials. */
    show: Method<unknown, t.SetUpState>;
    /** Make the first account, an owner, with the link that serve has printed; signs in. Asks for no credentials. */
    complete: Method<{
        json: {
            /** What stands behind # in the link on the console. */
            code: string;
            /** An e-mail address. */
            login: string;
            /** What people call you. */
            name?: string;
            /** 8 characters to 72 bytes, and not a common one. */
            password: string;
        };
    }, t.Whoami>;
}
/** Signing in and out, and who sends a request. The page has a cookie, programs an access token or an API key. */
export interface SessionCalls {
    /** Who sends this request, and what he may do. Asks for no credentials. */
    show: Method<unknown, t.Whoami>;
    /** Sign in with a password, and with a second factor if the account has one. Asks for no credentials. */
    open: Method<{
        json: {
            /** The e-mail address. */
            login: string;
            /** The password. */
            password: string;
            /** The code that the authenticator app shows. */
            totp?: string;
            /** One of the codes for a lost phone. */
            recoveryCode?: string;
            /** `token`: for programs. No cookie is set; the answer is an access token. */
            as?: 'cookie' | 'token';
        };
    }, t.Whoami | t.AccessToken>;
    /** Sign out. For everybody who is signed in or holds a key. */
    end: Method<unknown, t.Whoami>;
    /** An access token for this session. For everybody who is signed in or holds a key. */
    token: Method<unknown, t.AccessToken>;
}
/** The way in besides a password alone: second factors, passkeys, identity providers. A cookie of five minutes tells the browser that is on it. */
export interface SignInCalls {
    /** How far this browser has come with signing in. Asks for no credentials. */
    show: Method<unknown, t.PendingSignIn>;
    /** Sign in with the second factor, after session.open has asked for one. Of a few wrong ones the last ends the way in: it begins anew with the password then.
  
  Asks for no credentials. */
    secondFactor: Method<{
        json: {
            /** The code that the authenticator app shows. */
            totp?: string;
            /** One of the codes for a lost phone. */
            recoveryCode?: string;
            passkey?: t.PasskeyAssertion;
        };
    }, t.Whoami>;
    /** What a passkey is to sign as the second factor. Asks for no credentials. */
    secondFactorOptions: Method<unknown, t.PasskeyRequestOptions>;
    /** What a passkey is to sign in order to sign in by it alone. Asks for no credentials. */
    passkeyOptions: Method<unknown, t.PasskeyRequestOptions>;
    /** Sign in by a passkey alone, one that has verified its person; the answer sets the cookie. Asks for no credentials. */
    passkey: Method<{
        json: {
            response: t.PasskeyAssertion;
        };
    }, t.Whoami>;
    /** List the identity providers that people may sign in with. Asks for no credentials. */
    providers: Method<unknown, t.ProviderChoice>;
    /** Begin to sign in at an identity provider: the answer says where to go. Asks for no credentials. */
    begin: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            /** The path of the page that is opened afterwards. */
            next?: string;
        };
    }, t.Departure>;
    /** Where a provider sends the browser back to; signs in, or links. Leads to the path that was to be opened. When it has failed, `#problem` stands behind that, and `sign-in.show` tells why.
  
  Asks for no credentials. */
    callback: Method<{
        params: {
            id: t.Id;
        };
    } & {
        query?: {
            state?: string;
            code?: string;
            error?: string;
        };
    }, t.Arrival>;
}
/** The own account: its name, its password, and where it is signed in. */
export interface ProfileCalls {
    /** Show the own account and what this request may do. For everybody who is signed in or holds a key. */
    show: Method<unknown, t.Profile>;
    /** Change the own name; takes a session. For everybody who is signed in or holds a key. */
    update: Method<{
        json: {
            /** What people call somebody. */
            name?: string;
        };
    }, t.Profile>;
    /** Change the own password; ends all other sessions; takes a session. For everybody who is signed in or holds a key. */
    password: Method<{
        json: {
            /** The password until now; left out by those who have none yet. */
            current?: string;
            /** 8 characters to 72 bytes, and not a common one. */
            'new': string;
        };
    }, t.Ended>;
    /** List where one is signed in, the last used first; takes a session. For everybody who is signed in or holds a key. */
    sessions: List<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Session>;
    /** End all of the own sessions but this one; takes a session. For everybody who is signed in or holds a key. */
    endSessions: Method<unknown, t.Ended>;
    /** End one of the own sessions; takes a session. For everybody who is signed in or holds a key. */
    endSession: Method<{
        params: {
            id: t.Id;
        };
    }, t.Session>;
}
/** Codes of an authenticator app, which are asked for after the password (RFC 6238). */
export interface TotpCalls {
    /** Begin to set up an authenticator app; takes a session. Nothing changes until `totp.confirm` has seen a code of the app. Asked again, it tells another secret.
  
  For everybody who is signed in or holds a key. */
    propose: Method<{
        json: {
            /** The own password, once more. Left out by those who have none: they have to have signed in within ten minutes. */
            password?: string;
        };
    }, t.TotpProposal>;
    /** Remove the authenticator app; ends all other sessions; takes a session. For everybody who is signed in or holds a key. */
    remove: Method<{
        json: {
            /** The own password, once more. Left out by those who have none: they have to have signed in within ten minutes. */
            password?: string;
        };
    }, t.Factors>;
    /** Set up the authenticator app by a code of it; ends all other sessions; takes a session. For everybody who is signed in or holds a key. */
    confirm: Method<{
        json: {
            /** What the app shows now. */
            code: string;
        };
    }, t.FactorAdded>;
}
/** Codes for the day on which the second factor is lost: ten, each of which signs in once. */
export interface RecoveryCodesCalls {
    /** Make ten new recovery codes, in place of all earlier ones; ends all other sessions; takes a session. For everybody who is signed in or holds a key. */
    create: Method<{
        json: {
            /** The own password, once more. Left out by those who have none: they have to have signed in within ten minutes. */
            password?: string;
        };
    }, t.RecoveryCodes>;
}
/** Keys in devices and password managers: a second factor after the password, or a whole sign-in (WebAuthn). */
export interface PasskeysCalls {
    /** List the own passkeys; takes a session. For everybody who is signed in or holds a key. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Passkey>;
    /** Keep a passkey that the browser has made; ends all other sessions; takes a session. For everybody who is signed in or holds a key. */
    create: Method<{
        json: {
            /** What people call somebody. */
            name: string;
            response: t.PasskeyRegistration;
        };
    }, t.PasskeyAdded>;
    /** What the browser is to make, within five minutes; takes a session. For everybody who is signed in or holds a key. */
    options: Method<{
        json: {
            /** The own password, once more. Left out by those who have none: they have to have signed in within ten minutes. */
            password?: string;
        };
    }, t.PasskeyCreationOptions>;
    /** Rename one of the own passkeys; takes a session. For everybody who is signed in or holds a key. */
    update: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            /** What people call somebody. */
            name: string;
        };
    }, t.Passkey>;
    /** Remove one of the own passkeys; ends all other sessions; takes a session. For everybody who is signed in or holds a key. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            /** The own password, once more. Left out by those who have none: they have to have signed in within ten minutes. */
            password?: string;
        };
    }, t.Passkey>;
}
/** Who one is at identity providers: linked by issuer and subject, and never by e-mail. */
export interface IdentitiesCalls {
    /** List who one is at identity providers; takes a session. For everybody who is signed in or holds a key. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Identity>;
    /** Begin to link an identity: the answer says where to go; takes a session. It is linked, and all other sessions end, when the browser comes back to `sign-in.callback`.
  
  For everybody who is signed in or holds a key. */
    link: Method<{
        json: {
            /** The own password, once more. Left out by those who have none: they have to have signed in within ten minutes. */
            password?: string;
            provider: t.Id;
            /** The path of the page that is opened afterwards. */
            next?: string;
        };
    }, t.Departure>;
    /** Unlink an identity; ends all other sessions; takes a session. For everybody who is signed in or holds a key. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            /** The own password, once more. Left out by those who have none: they have to have signed in within ten minutes. */
            password?: string;
        };
    }, t.Identity>;
}
/** Accounts of persons, who sign in, and of machines, which hold API keys and never do. Nobody changes a user who may do more than he may himself. */
export interface UsersCalls {
    /** List the users, or the one with a login. Needs the permission `users:read` at the whole instance. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
            login?: string;
        };
    }, t.User>;
    /** Create a user, with a role if one is named; takes users:read too. Needs the permission `users:create` at the whole instance. */
    create: Method<{
        json: {
            /** The e-mail address of a person, the name of a machine. */
            login: string;
            kind?: 'person' | 'machine';
            /** What people call somebody. */
            name?: string;
            /** Of a person, who is asked for it at sign-in. Better: an invitation. */
            password?: string;
            role?: t.Name;
            service?: t.Name;
            environment?: t.Name;
        };
    }, t.User>;
    /** Show a user; oneself without any permission. For everybody who is signed in or holds a key: lists what he may read. Permission: `users:read`. */
    show: Method<{
        params: {
            id: t.Id;
        };
    }, t.User>;
    /** Rename, disable or enable a user; disabling ends all of the sessions. For everybody who is signed in or holds a key: lists what he may read. Permission: `users:update`. */
    update: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            /** What people call somebody. */
            name?: string;
            disabled?: boolean;
        };
    }, t.User>;
    /** Delete a user with grants, keys and sessions; the answer is the user as it was. For everybody who is signed in or holds a key: lists what he may read. Permission: `users:delete`. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    }, t.User>;
    /** Sign a user out everywhere. For everybody who is signed in or holds a key: lists what he may read. Permission: `users:update`. */
    signOut: Method<{
        params: {
            id: t.Id;
        };
    }, t.Ended>;
}
/** Roles of a user, each in the whole instance, in a service or in an environment. Nobody gives or takes what he does not hold himself. */
export interface GrantsCalls {
    /** Give a user a role: in the whole instance, a service or an environment. For everybody who is signed in or holds a key: lists what he may read. Permission: `users:update`. */
    create: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            role: t.Name;
            service?: t.Name;
            /** Of the service, which has to be named too. */
            environment?: t.Name;
        };
    }, t.Grant>;
    /** Take a role from a user; the answer is the grant as it was. For everybody who is signed in or holds a key: lists what he may read. Permission: `users:update`. */
    delete: Method<{
        params: {
            id: t.Id;
            grant: t.Id;
        };
    }, t.Grant>;
}
/** Second factors of somebody else, who has lost them. */
export interface FactorsCalls {
    /** Take all second factors from a user who has lost them; ends all of the sessions. From then on the password, or the identity provider, is enough. Identities stay linked.
  
  For everybody who is signed in or holds a key: lists what he may read. Permission: `users:update`. */
    reset: Method<{
        params: {
            id: t.Id;
        };
    }, t.User>;
}
/** Links by which a person chooses a new password, made by somebody who looks after users. Second factors stay. */
export interface PasswordResetsCalls {
    /** Make a link by which a person chooses a new password, within 24 hours. For everybody who is signed in or holds a key: lists what he may read. Permission: `users:update`. */
    create: Method<{
        params: {
            id: t.Id;
        };
    }, t.PasswordReset>;
    /** Choose a new password with the code of a link; ends all sessions, keeps second factors. Asks for no credentials. */
    accept: Method<{
        json: {
            /** What stands behind # in the link. */
            code: string;
            /** 8 characters to 72 bytes, and not a common one. */
            password: string;
        };
    }, t.PasswordResetDone>;
}
/** Links by which a person makes an account of its own: for seven days, once, with a role that the inviter holds then and still. */
export interface InvitationsCalls {
    /** List the invitations that nobody has accepted yet. Needs the permission `users:read` at the whole instance. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Invitation>;
    /** Invite a person for seven days; an earlier invitation of the same person is void then. Needs the permission `users:create` at the whole instance. */
    create: Method<{
        json: {
            /** The e-mail address of a person, the name of a machine. */
            login: string;
            role: t.Name;
            service?: t.Name;
            /** Of the service, which has to be named too. */
            environment?: t.Name;
        };
    }, t.NewInvitation>;
    /** Withdraw an invitation; the answer is the invitation as it was. For everybody who is signed in or holds a key: lists what he may read. Permission: `users:create`. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    }, t.Invitation>;
    /** Make an account with the code of an invitation; signs in. Asks for no credentials. */
    accept: Method<{
        json: {
            /** What stands behind # in the link. */
            code: string;
            /** What people call somebody. */
            name?: string;
            /** 8 characters to 72 bytes, and not a common one. */
            password: string;
        };
    }, t.Whoami>;
}
/** Credentials of programs. A key is told once; it may never do more than its owner may at that moment, and less where it was made so. */
export interface ApiKeysCalls {
    /** List the API keys: one’s own, and all for who may read them. For everybody who is signed in or holds a key: lists what he may read. Permission: `api-keys:read`. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
            user?: string;
        };
    }, t.ApiKey>;
    /** Make an API key for oneself, or for another user; it is told once. For everybody who is signed in or holds a key: lists what he may read. Permission: `api-keys:create`. */
    create: Method<{
        json: {
            /** What it is for. */
            name: string;
            /** The login of its owner; oneself without it. */
            user?: string;
            /** Permissions, or names of roles that stand for theirs of today. */
            permissions?: (t.Permission | t.Name)[];
            scopes?: {
                service: t.Name;
                environment?: t.Name;
            }[];
            /** Addresses or CIDR blocks. */
            addresses?: string[];
            /** In 90 days without it; null: never. */
            expiresAt?: t.Time | null;
        };
    }, t.NewApiKey>;
    /** Show an API key, without its secret. For everybody who is signed in or holds a key: lists what he may read. Permission: `api-keys:read`. */
    show: Method<{
        params: {
            id: t.Id;
        };
    }, t.ApiKey>;
    /** Change the name, the addresses or the end of an API key. For everybody who is signed in or holds a key: lists what he may read. Permission: `api-keys:update`. */
    update: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            /** What people call somebody. */
            name?: string;
            addresses?: string[] | null;
            expiresAt?: t.Time | null;
        };
    }, t.ApiKey>;
    /** Revoke an API key at once; the answer is the key as it was. For everybody who is signed in or holds a key: lists what he may read. Permission: `api-keys:delete`. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    }, t.ApiKey>;
    /** Make a new key with the same scope; the old one works on for a while. For everybody who is signed in or holds a key: lists what he may read. Permission: `api-keys:update`. */
    rotate: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            /** How long the old one still works. */
            overlapSeconds?: number;
        };
    }, t.NewApiKey>;
}
/** OpenID providers that people may sign in with. The client secret is sealed, and never told. */
export interface IdentityProvidersCalls {
    /** List the identity providers. Needs the permission `settings:read` at the whole instance. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.IdentityProvider>;
    /** Set up an OpenID provider; it is asked for its metadata first. Register `redirectUri` of the answer at the provider: then people can sign in.
  
  Needs the permission `settings:update` at the whole instance. */
    create: Method<{
        json: {
            /** What the sign-in page calls it. */
            label: string;
            /** Its address, as its documentation has it. */
            issuer: string;
            /** What it calls this Fairlead. */
            clientId: string;
            /** Given by the provider; never told again. */
            clientSecret: string;
            /** Whether its addresses may be of a private network, or of this machine. */
            allowPrivateNetwork?: boolean;
            /** Whether whoever it knows gets an account at the first sign-in, by a verified e-mail address. */
            createUsers?: boolean;
            /** The role in the whole instance of accounts that are made so; null: none. */
            defaultRole?: t.Name | null;
            /** Only addresses of these domains get an account; empty: all. */
            emailDomains?: string[];
        };
    }, t.IdentityProvider>;
    /** Show an identity provider. Needs the permission `settings:read` at the whole instance. */
    show: Method<{
        params: {
            id: t.Id;
        };
    }, t.IdentityProvider>;
    /** Change an identity provider; another issuer needs its client secret too. Needs the permission `settings:update` at the whole instance. */
    update: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            /** What the sign-in page calls it. */
            label?: string;
            /** Its address, as its documentation has it. */
            issuer?: string;
            /** What it calls this Fairlead. */
            clientId?: string;
            /** Given by the provider; never told again. */
            clientSecret?: string;
            /** Whether its addresses may be of a private network, or of this machine. */
            allowPrivateNetwork?: boolean;
            /** Whether whoever it knows gets an account at the first sign-in, by a verified e-mail address. */
            createUsers?: boolean;
            /** The role in the whole instance of accounts that are made so; null: none. */
            defaultRole?: t.Name | null;
            /** Only addresses of these domains get an account; empty: all. */
            emailDomains?: string[];
        };
    }, t.IdentityProvider>;
    /** Delete an identity provider; who is linked to its issuer stays so. The answer is it as it was. Needs the permission `settings:update` at the whole instance. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    }, t.IdentityProvider>;
}
/** Every change and every refusal, with who and from where, in a chain of hashes. Nobody can change it through the API. */
export interface AuditCalls {
    /** Search the audit, newest first; a page may be short while next leads on. Needs the permission `audit:read` at the whole instance. */
    list: List<{
        query?: {
            actor?: string;
            kind?: string;
            service?: string;
            environment?: string;
            from?: t.Time;
            to?: t.Time;
            q?: string;
            limit?: number;
            cursor?: string;
        };
    }, t.AuditEntry>;
    /** All that a search finds, as CSV or as lines of JSON. Needs the permission `audit:read` at the whole instance. */
    export: Method<{
        query?: {
            actor?: string;
            kind?: string;
            service?: string;
            environment?: string;
            from?: t.Time;
            to?: t.Time;
            q?: string;
            format?: 'csv' | 'jsonl';
        };
    }, Response>;
    /** How often strangers were refused, by minute and source, newest first. Needs the permission `audit:read` at the whole instance. */
    refusals: Method<unknown, t.RefusalCounts>;
    /** Whether the audit is as it was written. Needs the permission `audit:read` at the whole instance. */
    verify: Method<{
        query?: {
            head?: string;
        };
    }, t.ChainState>;
}
/** Named sets of permissions: `owner`, `admin`, `deployer`, `viewer`, and those that owners make. */
export interface RolesCalls {
    /** List the roles and what they allow, the built-in ones first. Needs the permission `roles:read` at the whole instance. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Role>;
    /** Make a role of permissions that one has oneself. Needs the permission `roles:create` at the whole instance. */
    create: Method<{
        json: {
            name: t.Name;
            permissions: t.Permission[];
        };
    }, t.Role>;
    /** Show a role. Needs the permission `roles:read` at the whole instance. */
    show: Method<{
        params: {
            name: t.Name;
        };
    }, t.Role>;
    /** Change what a role allows, for all who hold it, from now on. Needs the permission `roles:update` at the whole instance. */
    update: Method<{
        params: {
            name: t.Name;
        };
    } & {
        json: {
            permissions: t.Permission[];
        };
    }, t.Role>;
    /** Delete a role that nobody holds; the answer is the role as it was. Needs the permission `roles:delete` at the whole instance. */
    delete: Method<{
        params: {
            name: t.Name;
        };
    }, t.Role>;
}
/** Settings of the instance: the gateway that URLs use, what their DNS records say, how they answer over HTTPS, which CA gives certificates, and which drift is put back by itself. */
export interface SettingsCalls {
    /** Show the settings of the instance. Needs the permission `settings:read` at the whole instance. */
    show: Method<unknown, t.Settings>;
    /** Change settings of the instance; what is not named stays. Which gateway URLs use, and where it keeps and serves them, can not be changed while URLs are attached.
  
  Needs the permission `settings:update` at the whole instance. */
    update: Method<{
        json: {
            gateway?: {
                /** Which gateway URLs use. The builtin one always answers for `<environment>.<service>.localhost`. */
                kind?: 'builtin' | 'nginx';
                nginx?: {
                    /** The program. */
                    binary?: string | null;
                    /** Its configuration file; null: the one that it was built for. */
                    config?: string | null;
                    /** A folder that its configuration includes inside `http { }`. Fairlead makes its links here and touches nothing else. */
                    enabled?: string | null;
                    /** A folder that gets a link to each site as well, as is the custom of Debian. */
                    available?: string | null;
                    /** The command that tests its configuration, word by word. */
                    test?: string[] | null;
                    /** The command that makes it read its configuration anew, word by word. */
                    reload?: string[] | null;
                    /** Where sites answer over HTTP. */
                    listen?: {
                        /** An IP address; null: all of them. */
                        address: string | null;
                        port: number;
                    }[];
                    /** The folder where visits are logged; null: that of NGINX's own logs, where its configuration is the usual one; `off`: they are not. */
                    logFolder?: string | 'off' | null;
                    /** A certificate for all host names, if sites are to answer over HTTPS as well (PEM). */
                    certificate?: string | null;
                    /** The key of the certificate (PEM). */
                    certificateKey?: string | null;
                    /** Where sites answer over HTTPS, if there is a certificate. */
                    tlsListen?: {
                        /** An IP address; null: all of them. */
                        address: string | null;
                        port: number;
                    }[];
                };
            };
            dns?: {
                /** The public addresses of this server: what A and AAAA records say. */
                addresses?: string[];
                /** A name that leads here: records are a CNAME to it, except at the apex of a zone; null: they are addresses. */
                cname?: string | null;
                /** How long resolvers may keep a record. */
                ttlSeconds?: number;
            };
            https?: {
                /** Of URLs to come, when nothing is said of it. `auto` takes a CA whose terms are agreed to. */
                default?: 'none' | 'auto' | 'own';
                /** Whether plain HTTP leads to HTTPS. */
                redirect?: boolean;
                /** Null: browsers are told nothing. */
                hsts?: t.Hsts | null;
                /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
                minimumTls?: 'TLSv1.2' | 'TLSv1.3';
            };
            certificates?: {
                /** The directory of the CA (RFC 8555 §7.1.1); null: none is set up. With another one the terms have to be agreed to anew, and the external account is forgotten. */
                directoryUrl?: string | null;
                /** Where the CA writes to; null: nowhere. */
                contact?: string | null;
                /** Whether somebody has agreed to the CA's terms of service. Nothing is asked of it before. */
                termsAgreed?: boolean;
                /** PEM: what the CA's own HTTPS is trusted by, beside the usual ones. Of a private CA. */
                root?: string | null;
                /** Of an account that the CA has given out (RFC 8555 §7.3.4). */
                externalKeyId?: string | null;
                /** The kind of certificate, by the name that the CA gives it; null: the usual one. */
                profile?: string | null;
                /** How the CA is shown that a name is ours. `auto`: by a DNS record for wildcards, else over HTTP. */
                challenge?: 'auto' | 'http-01' | 'dns-01';
                /** The key of the external account, in base64url. It is sealed, and never told again. */
                externalHmacKey?: string | null;
            };
            drift?: {
                /** Kinds that are put back as soon as they are found. What comes back again and again is left alone after a few times. */
                heal?: ('site-text' | 'site-missing' | 'site-link' | 'site-stray' | 'site-foreign' | 'record-changed' | 'record-missing' | 'record-marker' | 'record-stray' | 'tree' | 'link' | 'certificate-file' | 'certificate-served')[];
            };
        };
    }, t.Settings>;
    /** Say what the gateway lacks for URLs, each with its remedy. Needs the permission `settings:update` at the whole instance. */
    testGateway: Method<unknown, t.GatewayTest>;
    /** Ask a CA what it says of itself: its terms, its profiles, what it takes. The one that is set up, or another one before it is. Nothing is made there.
  
  Needs the permission `settings:update` at the whole instance. */
    testCertificates: Method<{
        json: {
            directoryUrl?: string;
            /** PEM: what the CA's own HTTPS is trusted by, beside the usual ones. Of a private CA. */
            root?: string | null;
        };
    }, t.AuthorityTest>;
}
/** Certificates of host names: those that a CA gave, and those that somebody brought. Keys are sealed, and never told. */
export interface CertificatesCalls {
    /** List the certificates, oldest first. Needs the permission `certificates:read` at the whole instance. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
            kind?: 'acme' | 'own' | 'placeholder';
        };
    }, t.Certificate>;
    /** Bring a certificate with its key. URLs whose `https.mode` is `own` answer with it when it covers their name and is good for longer than the one before. It is refused, with every reason, when it has expired, does not fit its key, is weak or is not whole. The key is sealed, and no answer holds it.
  
  Needs the permission `certificates:create` at the whole instance. */
    create: Method<{
        json: {
            /** PEM: the certificate first, then those that lead to a root, which may be left out. */
            certificate: string;
            /** PEM: its private key, without a passphrase. It is sealed, and never told again. */
            key: string;
        };
    }, t.CertificateDetails>;
    /** Show a certificate with its chain, never with its key. Needs the permission `certificates:read` at the whole instance. */
    show: Method<{
        params: {
            id: t.Id;
        };
    }, t.CertificateDetails>;
    /** Delete a certificate that no URL answers with, and its key. The answer is it as it was. Needs the permission `certificates:delete` at the whole instance. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    }, t.CertificateDetails>;
}
/** What stands in the world and is not what the database says: files, links and records that somebody changed by hand. Each finding has a diff and two ways out: put back what the database says, or take what stands into it. */
export interface DriftCalls {
    /** List what stands otherwise than the database says, newest first. As the last look has found it: there is one every minute.
  
  For everybody who is signed in or holds a key: lists what he may read. Permission: `drift:read`. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
            ended?: boolean;
        };
    }, t.Drift>;
    /** Look now, and answer what is found. It takes `drift:update` somewhere; the answer holds the findings that you may read.
  
  For everybody who is signed in or holds a key: lists what he may read. Permission: `drift:update`. */
    look: Method<unknown, t.DriftLook>;
    /** Show a finding. Needs the permission `drift:read` at the finding's environment, its service, or the whole instance. */
    show: Method<{
        params: {
            id: t.Id;
        };
    }, t.Drift>;
    /** Put back what the database says. `seen` says what you have been shown: when something else stands there by now, it is a conflict and nothing is changed. Without `wait` the answer is 202 at once.
  
  Needs the permission `drift:update` at the finding's environment, its service, or the whole instance. */
    revert: Method<{
        params: {
            id: t.Id;
        };
    } & {
        query?: {
            wait?: boolean;
        };
    } & {
        json: {
            /** `seen` of the finding as it was shown. */
            seen: t.Digest;
        };
    }, t.Operation>;
    /** Take what stands into the database. `seen` says what you have been shown: when something else stands there by now, it is a conflict and nothing is changed. Without `wait` the answer is 202 at once. It takes what changing the thing itself takes as well: `deployments:deploy` for trees and links, `urls:update` for records, `settings:update` for the text of a gateway. A tree or link becomes a deployment, which follows.
  
  Needs the permission `drift:update` at the finding's environment, its service, or the whole instance. */
    adopt: Method<{
        params: {
            id: t.Id;
        };
    } & {
        query?: {
            wait?: boolean;
        };
    } & {
        json: {
            /** `seen` of the finding as it was shown. */
            seen: t.Digest;
        };
    }, t.Operation>;
}
/** Who holds DNS zones, and the credentials for it. Those are sealed, and never told. The longest zone that holds a name decides which one makes its records. */
export interface DnsProvidersCalls {
    /** List the DNS providers. Needs the permission `settings:read` at the whole instance. */
    list: List<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.DnsProvider>;
    /** Set up a DNS provider. Ask it for its zones with `dns-providers.test` then.
  
  Needs the permission `settings:update` at the whole instance. */
    create: Method<{
        json: {
            kind: string;
            /** What people call it. */
            label: string;
            /** The fields of its kind, secrets too; `GET /dns-providers/kinds` has the list. */
            config: Record<string, string | number | boolean | string[] | null>;
        };
    }, t.DnsProvider>;
    /** List the kinds of DNS providers with the fields that each wants. Needs the permission `settings:read` at the whole instance. */
    kinds: Method<unknown, t.DnsProviderKinds>;
    /** Show a DNS provider. Needs the permission `settings:read` at the whole instance. */
    show: Method<{
        params: {
            id: t.Id;
        };
    }, t.DnsProvider>;
    /** Change a DNS provider; what is not named stays, secrets too. Another address needs its secrets too: those that are kept were made for the one before.
  
  Needs the permission `settings:update` at the whole instance. */
    update: Method<{
        params: {
            id: t.Id;
        };
    } & {
        json: {
            /** What people call it. */
            label?: string;
            /** The fields that change; the others stay, secrets too. Null takes one away. */
            config?: Record<string, string | number | boolean | string[] | null>;
        };
    }, t.DnsProvider>;
    /** Delete a DNS provider that no URL uses. The answer is it as it was. Needs the permission `settings:update` at the whole instance. */
    delete: Method<{
        params: {
            id: t.Id;
        };
    }, t.DnsProvider>;
    /** Ask a DNS provider for its zones. Needs the permission `settings:update` at the whole instance. */
    test: Method<{
        params: {
            id: t.Id;
        };
    }, t.DnsProviderTest>;
}
export interface Fairlead {
    services: ServicesCalls;
    environments: EnvironmentsCalls;
    deployments: DeploymentsCalls;
    urls: UrlsCalls;
    bundles: BundlesCalls;
    operations: OperationsCalls;
    events: EventsCalls;
    setup: SetupCalls;
    session: SessionCalls;
    signIn: SignInCalls;
    profile: ProfileCalls;
    totp: TotpCalls;
    recoveryCodes: RecoveryCodesCalls;
    passkeys: PasskeysCalls;
    identities: IdentitiesCalls;
    users: UsersCalls;
    grants: GrantsCalls;
    factors: FactorsCalls;
    passwordResets: PasswordResetsCalls;
    invitations: InvitationsCalls;
    apiKeys: ApiKeysCalls;
    identityProviders: IdentityProvidersCalls;
    audit: AuditCalls;
    roles: RolesCalls;
    settings: SettingsCalls;
    certificates: CertificatesCalls;
    drift: DriftCalls;
    dnsProviders: DnsProvidersCalls;
}
/** Which codes a problem of each operation may have. */
export interface Problems {
    'services.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'services.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'standing_by' | 'unavailable';
    'services.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'services.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'services.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'environments.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'environments.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'standing_by' | 'unavailable';
    'environments.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'environments.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'deployment_reverted' | 'unavailable';
    'environments.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'deployments.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'deployments.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'cancelled' | 'superseded' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'archive_refused' | 'digest_mismatch' | 'too_many_requests' | 'internal' | 'deployment_failed' | 'deployment_reverted' | 'operation_stuck' | 'standing_by' | 'unavailable' | 'disk_full';
    'deployments.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'deployments.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'deployments.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'standing_by' | 'unavailable';
    'deployments.approve': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'standing_by' | 'unavailable';
    'deployments.log': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'urls.all': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'urls.create-self': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'cancelled' | 'superseded' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'urls.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'urls.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'cancelled' | 'superseded' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'urls.plan': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'urls.plan-self': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'urls.take-over': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'cancelled' | 'superseded' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'urls.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'urls.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'cancelled' | 'superseded' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'urls.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'cancelled' | 'superseded' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'urls.renew': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'cancelled' | 'superseded' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'urls.probe': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'bundles.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'bundles.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'archive_refused' | 'digest_mismatch' | 'too_many_requests' | 'internal' | 'standing_by' | 'unavailable' | 'disk_full';
    'bundles.diff': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'bundles.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'bundles.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'standing_by' | 'unavailable';
    'bundles.archive': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'range_not_satisfiable' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'bundles.files': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'archive_refused' | 'digest_mismatch' | 'too_many_requests' | 'internal' | 'standing_by' | 'unavailable' | 'disk_full';
    'operations.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'operations.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'operations.log': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'operations.cancel': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'operations.retry': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'standing_by' | 'unavailable';
    'events.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'setup.show': 'malformed' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'setup.complete': 'malformed' | 'forbidden' | 'not_found' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'session.show': 'malformed' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'session.open': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'session.end': 'malformed' | 'unauthenticated' | 'forbidden' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'session.token': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'sign-in.show': 'malformed' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'sign-in.second-factor': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'sign-in.second-factor-options': 'malformed' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'sign-in.passkey-options': 'malformed' | 'forbidden' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'sign-in.passkey': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'sign-in.providers': 'malformed' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'sign-in.begin': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'sign-in.callback': 'malformed' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'api-keys.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'api-keys.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'api-keys.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'api-keys.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'api-keys.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'api-keys.rotate': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'audit.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'audit.export': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'audit.refusals': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'audit.verify': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'profile.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'profile.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'profile.password': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'profile.sessions': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'profile.end-sessions': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'profile.end-session': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'totp.propose': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'totp.remove': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'totp.confirm': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'recovery-codes.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'factors.reset': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'passkeys.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'passkeys.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'passkeys.options': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'passkeys.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'passkeys.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'identity-providers.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'identity-providers.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'identity-providers.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'identity-providers.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'identity-providers.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'identities.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'identities.link': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'identities.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'users.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'users.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'users.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'users.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'users.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'users.sign-out': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'grants.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'grants.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'password-resets.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'password-resets.accept': 'malformed' | 'forbidden' | 'not_found' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'invitations.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'invitations.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'invitations.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'invitations.accept': 'malformed' | 'forbidden' | 'not_found' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'roles.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'roles.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'roles.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'roles.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'roles.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'settings.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'settings.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'settings.test-gateway': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'settings.test-certificates': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'dns-providers.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'dns-providers.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'dns-providers.kinds': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'dns-providers.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'dns-providers.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'dns-providers.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'dns-providers.test': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'certificates.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'certificates.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'certificates.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'certificates.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'precondition_failed' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'drift.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'drift.look': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'standing_by' | 'unavailable';
    'drift.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'drift.revert': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'cancelled' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'drift.adopt': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'cancelled' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'archive_refused' | 'too_many_requests' | 'internal' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'unavailable';
}
