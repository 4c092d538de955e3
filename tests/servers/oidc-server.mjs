// An OAuth 2 / OpenID Connect provider (oidc-provider) with a small protected collection behind it.
//   GET  /items?offset=&limit=   needs a live access token; {"items":[...],"total":N}
//   GET  /stats                  {"refreshes","rejected","requests"}: what the tests count
// First line on standard output: {"issuer", "refresh_token", "client_id", "client_secret"}.
// Arguments: --items N (records), --uses N (how many requests one access token serves before it expires).
import http from 'node:http';
import './node18.mjs';
import Provider from 'oidc-provider';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const items = option('items', 1000);
const uses = option('uses', 3);
const client = { client_id: 'headwater', client_secret: 'a-secret-that-never-shows' };
const stats = { refreshes: 0, rejected: 0, requests: 0, reused: 0 };
const used = new Map();

const server = http.createServer();
server.listen(0, '127.0.0.1', async () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...client,
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    scopes: ['openid', 'offline_access', 'read'],
    rotateRefreshToken: true,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    ttl: { AccessToken: 3600, ClientCredentials: 3600, RefreshToken: 86400, Grant: 86400 },
  });
  provider.on('grant.success', () => stats.refreshes++);
  provider.on('grant.error', () => stats.reused++);

  const grant = new provider.Grant({ clientId: client.client_id, accountId: 'user-1' });
  grant.addOIDCScope('openid offline_access');
  const grantId = await grant.save();
  const refresh = new provider.RefreshToken({
    client: await provider.Client.find(client.client_id),
    accountId: 'user-1',
    grantId,
    gty: 'authorization_code',
    scope: 'openid offline_access',
    rotations: 0,
  });
  const refreshToken = await refresh.save();

  // A token is good for a few requests only, so that it dies in the middle of a run without a clock.
  const live = async (request) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!token) return false;
    const found = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
    if (!found || (used.get(token) ?? 0) >= uses) return false;
    used.set(token, (used.get(token) ?? 0) + 1);
    return true;
  };
  const send = (response, status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const handle = provider.callback();
  server.on('request', async (request, response) => {
    const url = new URL(request.url, issuer);
    if (url.pathname === '/stats') return send(response, 200, stats);
    if (url.pathname !== '/items') return handle(request, response);
    stats.requests++;
    if (!(await live(request))) {
      stats.rejected++;
      return send(response, 401, { error: 'invalid_token' });
    }
    const offset = Number(url.searchParams.get('offset') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? 50);
    const page = [];
    for (let id = offset + 1; id <= Math.min(items, offset + limit); id++) page.push({ id, name: `item ${id}` });
    return send(response, 200, { items: page, total: items });
  });
  console.log(JSON.stringify({ issuer, refresh_token: refreshToken, ...client }));
});
