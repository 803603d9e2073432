import { driver } from '../../ports/driver.ts'
import type { Hosts } from '../../ports/hosts.ts'
import type { GatewayTools } from '../gateway/driver.ts'
import { nginxHosts } from './hosts.ts'
import { NginxSettings } from './settings.ts'

export const nginx = driver<typeof NginxSettings, Hosts, GatewayTools>({
  kind: 'nginx',
  label: 'NGINX of this machine',
  config: NginxSettings,
  connect: (settings, tools) => nginxHosts({ ...tools, settings }),
})
