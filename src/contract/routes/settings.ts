/** Settings of the instance. */
import * as s from '../shapes/settings.ts'
import { common, json, table } from './row.ts'

export const SETTING_ROUTES = table({
  'settings.show': {
    method: 'get',
    path: '/settings',
    need: 'settings:read',
    at: 'instance',
    summary: 'Show the settings of the instance',
    status: 200,
    answer: json(s.Settings),
    problems: [...common],
  },
  'settings.update': {
    method: 'patch',
    path: '/settings',
    need: 'settings:update',
    at: 'instance',
    summary: 'Change settings of the instance; what is not named stays',
    description:
      'Which gateway URLs use, and where it keeps and serves them, can not be changed while URLs are attached.',
    body: { kind: 'json', schema: s.SettingsPatch },
    status: 200,
    answer: json(s.Settings),
    problems: ['invalid', 'conflict', 'precondition_failed', ...common],
  },
  'settings.test-gateway': {
    method: 'post',
    path: '/settings/gateway/test',
    need: 'settings:update',
    at: 'instance',
    summary: 'Say what the gateway lacks for URLs, each with its remedy',
    status: 200,
    answer: json(s.GatewayTest),
    problems: [...common],
  },
  'settings.test-certificates': {
    method: 'post',
    path: '/settings/certificates/test',
    need: 'settings:update',
    at: 'instance',
    summary: 'Ask a CA what it says of itself: its terms, its profiles, what it takes',
    description: 'The one that is set up, or another one before it is. Nothing is made there.',
    body: { kind: 'json', schema: s.AuthorityTestRequest },
    status: 200,
    answer: json(s.AuthorityTest),
    problems: ['invalid', 'conflict', ...common],
  },
})
