import type { List, Log, Method } from '../method.js';
import type { Archive } from '../transport.js';
import type * as t from './types.js';
/** What a team runs: a name and a kind. A service comes with the environment `production`, and keeps its bundles and its history when it is deleted. */
export interface Services {
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
export interface Environments {
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
export interface Deployments {
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
    /** Deploy an archive, a stored bundle, an earlier deployment (rollback) or what another environment has live (promotion). Needs the permission `deployments:deploy` at the environment, its service, or the whole instance. Other bodies need `deployments:rollback`, `deployments:promote`. */
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
    /** The log of a deployment, whole or live. Needs the permission `deployments:read` at the deployment's environment, its service, or the whole instance. */
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
/** Archives as they came, named by their SHA-256 and kept for ever. The two questions of a folder deploy send only what the service does not hold. */
export interface Bundles {
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
    /** Ask what of a folder the service does not hold yet. Needs the permission `bundles:create` at the service, or at the whole instance. */
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
    /** The very bytes that came. Needs the permission `bundles:read` at the service, or at the whole instance. */
    archive: Method<{
        params: {
            service: t.Name;
            digest: t.Digest;
        };
    }, Response>;
    /** Send the missing contents of a folder as one tar; the bundle is rebuilt from them. Needs the permission `bundles:create` at the service, or at the whole instance. */
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
export interface Operations {
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
    /** The log of an operation, whole or live. Needs the permission `operations:read` at the operation's environment, its service, or the whole instance. */
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
export interface Events {
    /** What happened, oldest first, or live. For everybody who is signed in or holds a key: lists what he may read. Permission: `events:read`. */
    list: Log<{
        query?: {
            limit?: number;
            cursor?: string;
        };
    }, t.Event>;
}
/** The first account, made with the link that `serve` has printed on the console. */
export interface Setup {
    /** Whether the first account is still to be made. Asks for no credentials. */
    show: Method<unknown, t.SetUpState>;
    /** Make the first account, an owner, with the link that `serve` has printed; signs in. Asks for no credentials. */
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
export interface Session {
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
export interface Fairlead {
    services: Services;
    environments: Environments;
    deployments: Deployments;
    bundles: Bundles;
    operations: Operations;
    events: Events;
    setup: Setup;
    session: Session;
}
/** Which codes a problem of each operation may have. */
export interface Problems {
    'services.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'services.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'internal' | 'standing_by' | 'unavailable';
    'services.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'services.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'services.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'precondition_failed' | 'misdirected' | 'invalid' | 'internal' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'environments.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'environments.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'internal' | 'standing_by' | 'unavailable';
    'environments.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'environments.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'internal' | 'deployment_reverted' | 'unavailable';
    'environments.delete': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'precondition_failed' | 'misdirected' | 'invalid' | 'internal' | 'operation_stuck' | 'standing_by' | 'unavailable';
    'deployments.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'deployments.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'cancelled' | 'superseded' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'archive_refused' | 'digest_mismatch' | 'internal' | 'deployment_failed' | 'deployment_reverted' | 'operation_stuck' | 'standing_by' | 'unavailable' | 'disk_full';
    'deployments.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'deployments.update': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'precondition_failed' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'deployments.log': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'bundles.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'bundles.create': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'archive_refused' | 'digest_mismatch' | 'internal' | 'standing_by' | 'unavailable' | 'disk_full';
    'bundles.diff': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'bundles.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'bundles.archive': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'range_not_satisfiable' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'bundles.files': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'too_slow' | 'conflict' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'archive_refused' | 'digest_mismatch' | 'internal' | 'standing_by' | 'unavailable' | 'disk_full';
    'operations.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'operations.show': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'operations.log': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'operations.cancel': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'operations.retry': 'malformed' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'misdirected' | 'invalid' | 'internal' | 'standing_by' | 'unavailable';
    'events.list': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'setup.show': 'malformed' | 'forbidden' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'setup.complete': 'malformed' | 'forbidden' | 'not_found' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'session.show': 'malformed' | 'forbidden' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'session.open': 'malformed' | 'unauthenticated' | 'forbidden' | 'too_slow' | 'too_large' | 'unsupported_media_type' | 'misdirected' | 'invalid' | 'too_many_requests' | 'internal' | 'unavailable';
    'session.end': 'malformed' | 'unauthenticated' | 'forbidden' | 'conflict' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
    'session.token': 'malformed' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'invalid' | 'internal' | 'unavailable';
}
