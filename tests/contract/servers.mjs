// The real binary and a real source (json-server), each on a free port of loopback.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
export const binary = process.env.HEADWATER_BINARY ?? `${root}/build/release/headwater`;

export async function until(what, attempt, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const value = await Promise.resolve().then(attempt).catch(() => undefined);
    if (value) return value;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`gave up waiting for ${what}`);
}

async function freePort() {
  return new Promise((done) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** A git repository with a source, acme: {url, folder, commit()}. `commit` takes what lies in the folder then. */
export function gitRepository(folder) {
  execFileSync(binary, ['source', 'init', 'acme', '--dir', folder], { stdio: 'ignore' });
  const git = (...words) => execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.test', ...words], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const commit = () => {
    git('add', '--all', 'Sources');
    git('commit', '--quiet', '-m', 'what has changed');
  };
  git('init', '--quiet', '--initial-branch=main');
  commit();
  return { url: `file://${folder}`, folder, commit };
}

/** More arguments of `serve`: a source of which it edits the folder, as `source dev` has it, and a git repository that it publishes. */
export const withASource = (folder) => ['--source-folder', `${folder}/Sources/acme`, '--catalog-git', gitRepository(folder).url];

/**
 * {headwater, source, data, token, client, secret, printed, login, stop, renew, halt, resume}: two addresses, what `headwater token --json`
 * and the start print; login() makes a sign-in link, renew() another token; halt() ends the server for a while, resume() starts it again.
 */
export async function startServers(records, more = () => []) {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-contract-'));
  const children = [];
  const start = (command, args, stdio) => {
    const child = spawn(command, args, { stdio });
    children.push(child);
    return child;
  };
  const stop = async () => {
    await Promise.all(children.map((child) => child.exitCode !== null || new Promise((done) => child.on('exit', done).kill('SIGTERM'))));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await freePort();
    writeFileSync(`${folder}/db.json`, JSON.stringify(records));
    start(process.execPath, [`${root}/tests/servers/node_modules/json-server/lib/cli/bin.js`, '--host', '127.0.0.1', '--port', String(port), '--quiet', `${folder}/db.json`], ['ignore', 'ignore', 'inherit']);
    const source = `http://127.0.0.1:${port}`;
    await until('json-server', async () => (await fetch(`${source}/db`)).ok);
    const further = more(folder);
    let printed = '';
    const serve = (listen) => {
      const child = start(binary, ['serve', '--listen', listen, '--data-dir', `${folder}/data`, '--allow-network', '127.0.0.0/8', '--log-level', 'error', ...further], ['ignore', 'pipe', 'inherit']);
      child.stdout.on('data', (chunk) => (printed += chunk));
      return child;
    };
    let server = serve('127.0.0.1:0');
    const headwater = await until('headwater', () => /listening on (\S+)/.exec(printed)?.[1]);
    const ready = () => until('readiness', async () => (await fetch(`${headwater}/readyz`)).ok);
    await ready();
    const halt = () => new Promise((done) => server.on('exit', done).kill('SIGTERM'));
    const resume = () => {
      server = serve(new URL(headwater).host);
      return ready();
    };
    const mint = () => JSON.parse(execFileSync(binary, ['token', '--data-dir', `${folder}/data`, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] }));
    const [client, secret] = ['id', 'secret'].map((what) => new RegExp(`client ${what} +(\\S+)`).exec(printed)[1]);
    const login = () => execFileSync(binary, ['login', '--data-dir', `${folder}/data`, '--server', headwater], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
    const servers = { headwater, source, data: `${folder}/data`, token: mint(), client, secret, printed: () => printed, login, stop, halt, resume };
    return Object.assign(servers, { renew: () => (servers.token = mint()) });
  } catch (error) {
    await stop();
    throw error;
  }
}
