/** Invitations: links by which persons make accounts of their own. */
import * as s from '../shapes/account.ts'
import { Whoami } from '../shapes/session.ts'
import { PageQuery, page } from '../shapes.ts'
import { byId, common, json, table } from './row.ts'

export const INVITATION_ROUTES = table({
  'invitations.list': {
    method: 'get',
    path: '/invitations',
    need: 'users:read',
    at: 'instance',
    summary: 'List the invitations that nobody has accepted yet',
    query: PageQuery,
    status: 200,
    answer: json(page(s.Invitation)),
    problems: ['invalid', ...common],
  },
  'invitations.create': {
    method: 'post',
    path: '/invitations',
    need: 'users:create',
    at: 'instance',
    summary: 'Invite a person for seven days; an earlier invitation of the same person is void then',
    body: { kind: 'json', schema: s.InvitationCreate },
    status: 201,
    answer: json(s.NewInvitation),
    problems: ['invalid', 'not_found', 'conflict', ...common],
  },
  'invitations.delete': {
    method: 'delete',
    path: '/invitations/{id}',
    need: 'users:create',
    at: 'list',
    summary: 'Withdraw an invitation; the answer is the invitation as it was',
    params: byId,
    status: 200,
    answer: json(s.Invitation),
    problems: ['not_found', ...common],
  },
  'invitations.accept': {
    method: 'post',
    path: '/invitations/accept',
    need: null,
    at: 'public',
    summary: 'Make an account with the code of an invitation; signs in',
    body: { kind: 'json', schema: s.InvitationAccept },
    status: 201,
    answer: json(Whoami),
    problems: ['invalid', 'not_found', ...common],
  },
})
