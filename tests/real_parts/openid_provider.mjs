// An OpenID provider for tests: oidc-provider with what a native public client needs.
//
//   node openid_provider.mjs OPTIONS     OPTIONS is JSON, see openid_provider.py
//
// The first line on stdout is {"issuer": ...}; every line after it is an event of the server.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// The library's own remarks go to the log: stdout is for us.
console.info = console.log = console.error;
const options = JSON.parse(process.argv[2]);
const { default: Provider } = await import(
  pathToFileURL(join(options.modules, 'oidc-provider', 'lib', 'index.js')).href);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// The issuer holds the port, so the port comes first.
const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const authority = `127.0.0.1:${server.address().port}`;
const issuer = `http://${authority}`;

const { lifetimes } = options;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: options.client_id,
      client_name: options.client_name,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: options.redirect_uris.map((uri) => uri.replace('{authority}', authority)),
      grant_types: [
        'authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
    },
    // The API that tokens are for: it asks the provider whether they are still good.
    {
      client_id: 'api', client_secret: options.api_secret,
      redirect_uris: [], grant_types: [], response_types: [],
    },
  ],
  scopes: ['openid', 'offline_access', 'profile', 'email'],
  claims: { openid: ['sub'], profile: ['name', 'picture'], email: ['email', 'email_verified'] },
  findAccount: (_context, login) => ({
    accountId: login,
    claims: () => ({
      sub: login, name: options.name, picture: `${issuer}/avatar.png`,
      email: `${login}@example.org`, email_verified: true,
    }),
  }),
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: {
      enabled: true,
      // The default policy allows the same, but writes a notice among the events.
      allowedPolicy: (_context, client, token) => client.clientId === token.clientId,
    },
    introspection: {
      enabled: true,
      allowedPolicy: (_context, client, token) =>
        client.clientId === 'api' || client.clientId === token.clientId,
    },
    registration: { enabled: options.registration },
    rpInitiatedLogout: { enabled: true },
  },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: {
    AccessToken: lifetimes.access_token,
    RefreshToken: lifetimes.refresh_token,
    IdToken: 3600, DeviceCode: 600, AuthorizationCode: 60, Grant: 86400, Interaction: 3600,
    Session: 86400,
  },
});

provider.on('grant.success', (context) =>
  say({ event: 'token_issued', grant: context.oidc.params.grant_type }));
provider.on('grant.error', (context, error) => say({
  event: 'token_refused', grant: context.oidc.params?.grant_type, error: error.error }));
provider.on('grant.revoked', () => say({ event: 'grant_revoked' }));
provider.on('access_token.destroyed', () => say({ event: 'access_token_revoked' }));
provider.on('refresh_token.destroyed', () => say({ event: 'refresh_token_revoked' }));
provider.on('server_error', (_context, error) => say({ event: 'server_error', error: error.stack }));

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64');
const answer = provider.callback();
server.on('request', (request, response) => {
  if (request.url === '/avatar.png') {
    response.writeHead(200, { 'content-type': 'image/png' }).end(PIXEL);
  } else {
    answer(request, response);
  }
});
say({ issuer });
