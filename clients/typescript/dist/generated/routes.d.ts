export type RouteName = 'services.list' | 'services.create' | 'services.show' | 'services.update' | 'services.delete' | 'environments.list' | 'environments.create' | 'environments.show' | 'environments.update' | 'environments.delete' | 'deployments.list' | 'deployments.create' | 'deployments.show' | 'deployments.update' | 'deployments.log' | 'bundles.list' | 'bundles.create' | 'bundles.diff' | 'bundles.show' | 'bundles.archive' | 'bundles.files' | 'operations.list' | 'operations.show' | 'operations.log' | 'operations.cancel' | 'operations.retry' | 'events.list' | 'setup.show' | 'setup.complete' | 'session.show' | 'session.open' | 'session.end' | 'session.token';
export interface Route {
    method: string;
    path: string;
    answer: 'json' | 'page' | 'log' | 'bytes' | 'none';
}
export declare const ROUTES: Record<RouteName, Route>;
