export type RouteName = 'services.list' | 'services.create' | 'services.show' | 'services.update' | 'services.delete' | 'environments.list' | 'environments.create' | 'environments.show' | 'environments.update' | 'environments.delete' | 'deployments.list' | 'deployments.create' | 'deployments.show' | 'deployments.update' | 'deployments.log' | 'bundles.list' | 'bundles.create' | 'bundles.diff' | 'bundles.show' | 'bundles.archive' | 'bundles.files' | 'operations.list' | 'operations.show' | 'operations.log' | 'operations.cancel' | 'operations.retry' | 'events.list' | 'setup.show' | 'setup.complete' | 'session.show' | 'session.open' | 'session.end' | 'session.token' | 'profile.show' | 'profile.update' | 'profile.password' | 'profile.sessions' | 'profile.end-sessions' | 'profile.end-session' | 'users.list' | 'users.create' | 'users.show' | 'users.update' | 'users.delete' | 'users.sign-out' | 'grants.create' | 'grants.delete' | 'password-resets.create' | 'password-resets.accept' | 'invitations.list' | 'invitations.create' | 'invitations.delete' | 'invitations.accept' | 'roles.list' | 'roles.create' | 'roles.show' | 'roles.update' | 'roles.delete';
export interface Route {
    method: string;
    path: string;
    answer: 'json' | 'page' | 'log' | 'bytes' | 'none';
}
export declare const ROUTES: Record<RouteName, Route>;
