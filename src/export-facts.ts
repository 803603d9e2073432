/** Everything that an instance knows and that is no secret, as one value. */
import type { Store } from './store/store.ts'

const ALL = { limit: Number.MAX_SAFE_INTEGER, after: null }

export function everythingOf(store: Store, at: string): object {
  const { certificates, ...settings } = store.settings.read()
  const { externalHmacKey: _, ...authority } = certificates
  return {
    program: 'fairlead',
    at,
    settings: { ...settings, certificates: authority },
    services: store.services.list(ALL).map(({ id, name, kind }) => ({
      id,
      name,
      kind,
      environments: store.environments.of(id).map((environment) => ({
        id: environment.id,
        name: environment.name,
        settings: environment.settings,
        live: environment.liveDeploymentId,
        deployments: store.deployments.list(environment.id, ALL).map((deployment) => ({
          id: deployment.id,
          bundle: deployment.bundle,
          cause: deployment.cause,
          message: deployment.message,
        })),
      })),
    })),
    urls: store.urls.list(ALL).map((row) => ({
      hostname: row.hostname,
      kind: row.kind,
      service: row.serviceName,
      environment: row.environmentName,
      redirectTo: row.redirectTo,
      redirectStatus: row.redirectStatus,
      dns: { mode: row.dnsMode, zone: row.dns.zone?.name ?? null, records: row.dns.records },
      https: row.https,
      extra: row.extra,
    })),
    certificates: store.certificates
      .list(ALL)
      .map(({ id, kind, names, issued }) => ({ id, kind, names, issued })),
    dnsProviders: store.dnsProviders
      .all()
      .map(({ id, kind, label, config }) => ({ id, kind, label, config })),
  }
}
