import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { startServers } from '../tests/contract/servers.mjs';

const newman = createRequire(import.meta.url)('newman');
const records = 25;
const orders = Array.from({ length: records }, (_, i) => ({ id: i + 1, customer: { name: `Customer ${i + 1}` }, total: i + 0.5, placedAt: '2024-01-01T00:00:00Z' }));

const servers = await startServers({ orders });
const { headwater, source, token } = servers;
const values = { headwater, source, records, token: token.access_token, apiKey: token.client_id, organisation: token.ims_org_id, sandbox: token.sandbox_name };
const options = {
  collection: fileURLToPath(new URL('life_of_a_source.json', import.meta.url)),
  envVar: Object.entries(values).map(([key, value]) => ({ key, value: String(value) })),
  reporters: ['cli'],
  reporter: { cli: { noBanner: true } },
  delayRequest: 20,
};
const failures = await new Promise((done) => newman.run(options, (error, summary) => done(error ? [error] : summary.run.failures)));
await servers.stop();
process.exit(failures.length === 0 ? 0 : 1);
