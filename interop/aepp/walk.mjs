// Starts the servers and lets aepp walk; the interpreter with aepp in it is the only argument.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startServers } from '../../tests/contract/servers.mjs';

const records = 25;
const orders = Array.from({ length: records }, (_, i) => ({ id: i + 1, customer: { name: `Customer ${i + 1}` }, total: i + 0.5, placedAt: '2024-01-01T00:00:00Z' }));
const servers = await startServers({ orders });
const { headwater, source, token, client, secret } = servers;
const environment = { ...process.env, HEADWATER: headwater, SOURCE: source, RECORDS: String(records), CLIENT_ID: client, CLIENT_SECRET: secret, ORGANISATION: token.ims_org_id, SANDBOX: token.sandbox_name };
const { status } = spawnSync(process.argv[2], [fileURLToPath(new URL('walk.py', import.meta.url))], { env: environment, stdio: 'inherit' });
await servers.stop();
process.exit(status ?? 1);
