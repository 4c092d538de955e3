import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const shared = process.argv[2];
const binary = process.env.HEADWATER_BINARY ?? 'build/release/headwater';
const folder = mkdtempSync(join(tmpdir(), 'headwater-shared-'));
const base = '/data/foundation/flowservice';
const results = { passed: 0, failed: 0 };

async function check(name, body) {
  try {
    await body();
    results.passed++;
    console.log(`ok      ${name}`);
  } catch (error) {
    results.failed++;
    console.log(`FAILED  ${name}\n        ${String(error.message).split('\n').join('\n        ')}`);
  }
}

// The document's fenced blocks: the template, the request inside a curl command, the response.
function seedDocuments() {
  const [file] = readdirSync(`${shared}/seed`).filter((name) => name.endsWith('.txt'));
  const text = readFileSync(`${shared}/seed/${file}`, 'utf8');
  const blocks = [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, kind, body]) => ({ kind, body }));
  const [template, response] = blocks.filter(({ kind }) => kind === 'json').map(({ body }) => JSON.parse(body));
  const [curl] = blocks.filter(({ kind, body }) => kind === 'shell' && body.includes("-d '{"));
  const request = JSON.parse(/-d '([\s\S]*)'/.exec(curl.body)[1]);
  return { template, request, response: response.items[0] };
}

// Paths and methods of an OpenAPI file, by its indentation: enough to know what must be routed.
function operations(file) {
  const out = [];
  let path;
  for (const line of readFileSync(`${shared}/api/${file}`, 'utf8').split('\n')) {
    const here = /^  "?(\/[^":]*)"?:\s*$/.exec(line);
    if (here) path = here[1];
    else if (/^\S/.test(line)) path = undefined;
    const method = /^    (get|post|put|patch|delete):\s*$/.exec(line);
    if (path && method) out.push({ method: method[1].toUpperCase(), path });
  }
  return out;
}

async function startServer() {
  const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data-dir', folder, '--log-level', 'warn'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((done, fail) => {
    let printed = '';
    server.stdout.on('data', (chunk) => {
      printed += chunk;
      const ready = /listening on (\S+)/.exec(printed);
      if (ready) done(ready[1]);
    });
    server.on('exit', (code) => fail(new Error(`the server ended with ${code}`)));
  });
  server.removeAllListeners('exit');
  const token = JSON.parse(execFileSync(binary, ['token', '--data-dir', folder, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  const call = async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        Authorization: `Bearer ${token.access_token}`,
        'x-api-key': token.client_id,
        'x-gw-ims-org-id': token.ims_org_id,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text && JSON.parse(text) };
  };
  return { server, call };
}

const { template, request, response } = seedDocuments();
const lint = (document) => {
  const file = join(folder, 'lint.json');
  writeFileSync(file, JSON.stringify(document));
  const done = spawnSync(binary, ['lint', file, '--json'], { encoding: 'utf8' });
  return { code: done.status, problems: JSON.parse(done.stdout).problems };
};

await check('the published template lints without an error, with warnings for what is odd in it', () => {
  const { code, problems } = lint(template);
  assert.equal(code, 0, JSON.stringify(problems, null, 1));
  const reasons = problems.map(({ pointer, reason }) => `${pointer} ${reason}`).join('\n');
  assert.match(reasons, /required/, 'no warning about required naming an undeclared property');
  assert.match(reasons, /\$schema/, 'no warning about the odd $schema');
  assert.match(reasons, /DESCRIPTION/, 'no warning about the unfilled {DESCRIPTION}');
});
await check('the authored example lints without an error', () => assert.equal(lint(request).code, 0));

const { server, call } = await startServer();
try {
  for (const [name, document] of Object.entries({ template, request })) {
    await check(`POST /connectionSpecs takes the ${name} and keeps it verbatim`, async () => {
      const made = await call('POST', `${base}/connectionSpecs`, document);
      assert.equal(made.status, 201, JSON.stringify(made.body));
      const [spec] = made.body.items;
      assert.equal(made.body.id, spec.id);
      const kept = Object.fromEntries(Object.keys(document).map((key) => [key, spec[key]]));
      assert.deepEqual(kept, document);
      const read = await call('GET', `${base}/connectionSpecs/${spec.id}`);
      assert.deepEqual(read.body.items[0], spec);
      if (name === 'request') {
        for (const member of Object.keys(response)) assert.ok(member in spec, `the answer has no ${member}`);
        const same = Object.keys(response).filter((key) => !/^(id|created|updated|sandbox|imsOrg)/.test(key));
        for (const key of same) assert.deepEqual(spec[key], response[key], key);
      }
    });
  }
  for (const [file, prefix] of Object.entries({ 'flow-service.yaml': base })) {
    for (const { method, path } of operations(file)) {
      await check(`${method} ${path} is routed`, async () => {
        const real = path.replace(/\{[^}]*\}/g, '00000000-0000-4000-8000-000000000000');
        const answer = await call(method, prefix + real, method === 'GET' || method === 'DELETE' ? undefined : {});
        assert.notEqual(answer.status, 405, 'method not allowed');
        assert.ok(answer.status < 500, `answered ${answer.status}`);
        if (answer.status === 404) assert.match(JSON.stringify(answer.body), /1439|not exist|not found/i);
        if (answer.status === 404) assert.doesNotMatch(JSON.stringify(answer.body), /no such (path|route)|unknown path/i);
      });
    }
  }
} finally {
  server.kill('SIGTERM');
  await new Promise((done) => server.on('exit', done));
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${results.passed} passed, ${results.failed} failed`);
process.exit(results.failed === 0 ? 0 : 1);
