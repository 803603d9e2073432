/** Identity providers, and who people are there. */
import { type ExamplesOf, from, given } from './example.ts'

const owner = { password: 'eight boats at sea' }
const issuer = given('issuer', 'https://login.example.com')
const provider = { id: from('identity-providers.create/own', 'id') }

export const IDENTITY_EXAMPLES: ExamplesOf<'identity-providers' | 'identities'> = {
  'identity-providers.create': {
    own: {
      summary: 'The provider of the company, inside its network; whoever it knows may look at everything',
      json: {
        label: 'Harbour Login',
        issuer,
        clientId: 'fairlead',
        clientSecret: 'what-the-provider-has-given',
        allowPrivateNetwork: true,
        createUsers: true,
        defaultRole: 'viewer',
        emailDomains: ['example.com'],
      },
      status: 201,
    },
    inside: {
      summary: 'An address of this very machine, without allowing it',
      json: {
        label: 'Inside',
        issuer: 'https://127.0.0.1',
        clientId: 'fairlead',
        clientSecret: 'what-the-provider-has-given',
      },
      status: 422,
    },
  },
  'identity-providers.list': { all: { summary: 'All of them', status: 200 } },
  'identity-providers.show': { one: { summary: 'One by its id', params: provider, status: 200 } },
  'identity-providers.update': {
    label: {
      summary: 'Another name, and nobody gets an account by himself',
      params: provider,
      json: { label: 'Harbour', createUsers: false },
      status: 200,
    },
  },
  'identity-providers.delete': { one: { summary: 'It is not used any more', params: provider, status: 200 } },
  'identities.list': { all: { summary: 'All of the own ones', as: 'session', status: 200 } },
  'identities.link': {
    begin: {
      summary: 'Where to go in order to link one',
      as: 'session',
      json: { ...owner, provider: provider.id },
      status: 201,
    },
  },
  'identities.delete': {
    missing: {
      summary: 'None of yours has that id',
      as: 'session',
      params: { id: 'k3v9q0m2x7c5n1p8r4t6' },
      json: owner,
      status: 404,
    },
  },
}

export const PROVIDER_SIGN_IN_EXAMPLES: Pick<
  ExamplesOf<'sign-in'>,
  'sign-in.providers' | 'sign-in.begin' | 'sign-in.callback'
> = {
  'sign-in.providers': { all: { summary: 'What the sign-in page offers', as: 'nobody', status: 200 } },
  'sign-in.begin': {
    page: {
      summary: 'Where to go in order to sign in',
      as: 'nobody',
      params: provider,
      json: { next: '/services/web' },
      status: 201,
    },
  },
  'sign-in.callback': {
    elsewhere: {
      summary: 'A browser that was not sent to the provider from here is led to the page',
      as: 'nobody',
      params: provider,
      query: { code: 'x', state: 'y' },
      status: 303,
    },
    told: {
      summary: 'The same, told to who asks for JSON',
      as: 'nobody',
      params: provider,
      query: { code: 'x', state: 'y' },
      headers: { Accept: 'application/json' },
      status: 200,
    },
  },
}
