// What a set-up makes and leaves, what it proposes, and what its forms send, without a browser.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { installed, load } from './web_modules.mjs';

// Node.js 18 has it in a module only.
globalThis.crypto ??= webcrypto;

const { ApiError, create, firstDraft, isOwnReason, Making, scope, sessionIsBack, suggested } = await load('set-up/draft.ts', 'set-up/making.ts', 'set-up/suggestion.ts', 'api.ts');
const { withProposed } = await load('records.ts');
const { firstLines } = await load('api.ts');
const { schemaInForm, shownInForm } = await load('forms/prepared.ts');
const { validatorOf } = await load('forms/validator.ts');
const { getDefaultFormState } = installed('@rjsf/utils');

Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true });

const answer = (status, body) => new Response(body === undefined ? null : JSON.stringify(body), { status });
// As Headwater answers a request without a cookie.
const ended = () => answer(403, { message: 'Oauth token is missing.' });

/** A Headwater of which `fails(method, path)` may answer otherwise, or nothing at all; `there` is what it has. */
function headwater(fails = () => undefined) {
  const there = new Map();
  const kept = new Map();
  const calls = [];
  globalThis.fetch = async (address, { method, headers, body }) => {
    const [path] = address.split('?');
    const kind = path.split('/').pop();
    calls.push(`${method} ${kind}`);
    const early = fails(method, kind, 'before');
    if (early) return early();
    if (method === 'GET') return answer(200, { items: [...there.values()].filter((one) => one.kind === kind).reverse() });
    if (method === 'DELETE') return there.delete(path) ? answer(204) : answer(404, {});
    const key = headers['Idempotency-Key'];
    const sent = `${path} ${body}`;
    if (kept.has(key)) return kept.get(key).sent === sent ? answer(201, kept.get(key).made) : answer(422, { errorMessage: 'another request' });
    const id = `${kind}-${kept.size + 1}`;
    const made = kind === 'dataSets' ? [`@/dataSets/${id}`] : kind === 'schemas' ? { $id: id } : { id };
    kept.set(key, { sent, made });
    there.set(`${path}/${id}`, { id, kind });
    const late = fails(method, kind, 'after');
    return late ? late() : answer(201, made);
  };
  const add = (kind, id) => there.set(`/data/foundation/flowservice/${kind}/${id}`, { id, kind });
  return { there: () => [...there.values()].map(({ kind }) => kind), calls, add };
}

const spec = { id: 'spec', authSpec: [], sourceSpec: {}, attributes: {} };
const draft = () => ({ ...firstDraft({ ...spec, name: 'shop' }), name: 'shop', rows: [{ key: 1, source: 'id', destination: 'id' }], preview: { schema: { properties: { id: { type: 'integer' } } }, data: [{ id: 1 }] } });
const all = ['schemas', 'dataSets', 'mappingSets', 'connections', 'sourceConnections', 'targetConnections', 'flows'];
const once = (method, kind, when, reply) => {
  let over = false;
  return (...asked) => {
    if (over || asked.join() !== [method, kind, when].join()) return undefined;
    over = true;
    return reply;
  };
};

test('what was made before a refusal is removed again, and nothing is told to be left', async () => {
  const server = headwater((method, kind, when) => (method === 'POST' && kind === 'flows' && when === 'before' ? () => answer(400, { errorMessage: 'no such spec' }) : undefined));
  const making = new Making();
  await assert.rejects(create(spec, draft(), { id: 'f' }, making), /no such spec/);
  assert.deepEqual([server.there(), making.left()], [[], []]);
});

test('what could not be removed after a refusal is told, with its page, and removed later', async () => {
  let locked = true;
  const server = headwater((method, kind, when) => (method === 'POST' && kind === 'flows' ? () => answer(400, { errorMessage: 'refused' }) : method === 'DELETE' && locked && /^dataSets/.test(kind) ? () => answer(500, { errorMessage: 'no' }) : undefined));
  const making = new Making();
  await assert.rejects(create(spec, draft(), { id: 'f' }, making), /refused/);
  assert.deepEqual(making.left().map(({ what, name, href }) => [what, name, Boolean(href)]), [['dataset', 'shop', true]]);
  locked = false;
  await making.remove();
  assert.deepEqual([server.there(), making.left()], [[], []]);
});

test('a session that ends in the middle leaves what is told, and trying again makes nothing twice', async () => {
  const server = headwater(once('POST', 'sourceConnections', 'before', ended));
  const making = new Making();
  await assert.rejects(create(spec, draft(), { id: 'f' }, making), /session has ended/);
  assert.deepEqual(making.left().map(({ what }) => what), ['account', 'mapping', 'dataset', 'schema']);
  assert.equal(server.calls.filter((one) => one.startsWith('DELETE')).length, 0);
  sessionIsBack();
  assert.match(await create(spec, draft(), { id: 'f' }, making), /^flows-/);
  assert.deepEqual(server.there(), all);
});

test('an answer that got lost is asked for again under its key: nothing is made twice, and all of it can be removed', async () => {
  for (const kind of ['dataSets', 'targetConnections', 'flows']) {
    const lost = () => Promise.reject(new TypeError('network'));
    let server = headwater(once('POST', kind, 'after', lost));
    let making = new Making();
    await assert.rejects(create(spec, draft(), { id: 'f' }, making), /does not answer/);
    assert.deepEqual(making.left()[0].perhaps, true);
    assert.match(await create(spec, draft(), { id: 'f' }, making), /^flows-/);
    assert.deepEqual(server.there(), all, kind);
    server = headwater(once('POST', kind, 'after', lost));
    making = new Making();
    await assert.rejects(create(spec, draft(), { id: 'f' }, making));
    await making.remove();
    assert.deepEqual([server.there(), making.left()], [[], []], kind);
  }
});

test('settings that were changed meanwhile are made anew, without what was left of the old ones', async () => {
  const server = headwater(once('POST', 'flows', 'before', ended));
  const making = new Making();
  await assert.rejects(create(spec, draft(), { id: 'f' }, making));
  sessionIsBack();
  await create(spec, { ...draft(), name: 'another' }, { id: 'f' }, making);
  assert.deepEqual(server.there(), all);
});

test('a creation that goes on is not begun again, whoever asks', async () => {
  let answerNow;
  const server = headwater((method, kind, when) => (method === 'POST' && kind === 'schemas' && when === 'before' ? () => new Promise((resolve) => (answerNow = () => resolve(answer(201, { $id: 'late' })))) : undefined));
  const making = new Making();
  const seen = [];
  making.watch(() => seen.push([making.progress.going, making.progress.left.length]));
  const first = create(spec, draft(), { id: 'f' }, making);
  while (!answerNow) await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual([making.progress.going, making.left().map(({ what, perhaps }) => [what, perhaps])], ['create', [['schema', true]]], 'its key is known before it is sent');
  const second = create(spec, draft(), { id: 'f' }, making);
  answerNow();
  assert.equal(await first, await second);
  assert.deepEqual(server.there(), all.slice(1));
  assert.deepEqual(seen, [['create', 0], [undefined, 0]]);
});

test('without a flow spec nothing is made', async () => {
  const server = headwater();
  await assert.rejects(create(spec, draft(), undefined, new Making()), /could not be read/);
  assert.deepEqual([server.there(), server.calls], [[], []]);
});

test('what a refusal leaves is neither removed nor told to be gone in another sandbox', async () => {
  const server = headwater((method, kind, when) => {
    if (method !== 'POST' || kind !== 'flows' || when !== 'before') return undefined;
    scope.sandbox = 'another';
    return () => answer(400, { errorMessage: 'refused' });
  });
  const making = new Making();
  await assert.rejects(create(spec, draft(), { id: 'f' }, making), /refused/);
  scope.sandbox = '';
  assert.equal(making.left().length, 6);
  assert.equal(server.calls.filter((each) => each.startsWith('DELETE')).length, 0);
});

test('a creation that goes on makes nothing in another sandbox that one goes to meanwhile', async () => {
  const server = headwater((method, kind, when) => {
    if (method === 'POST' && kind === 'dataSets' && when === 'after') scope.sandbox = 'another';
    return undefined;
  });
  const making = new Making();
  await assert.rejects(create(spec, draft(), { id: 'f' }, making), /Another sandbox/);
  scope.sandbox = '';
  assert.deepEqual([server.there(), making.left().map(({ what }) => what)], [['schemas', 'dataSets'], ['dataset', 'schema']]);
});

test('a dataflow that was created is left of nothing: it stays when another one is set up', async () => {
  const server = headwater();
  const making = new Making();
  const first = await create(spec, draft(), { id: 'f' }, making);
  assert.deepEqual([making.progress, await create(spec, draft(), { id: 'f' }, making)], [{ error: undefined, left: [] }, first]);
  await making.remove();
  assert.deepEqual(server.there(), all);
  assert.notEqual(await create(spec, { ...draft(), name: 'another' }, { id: 'f' }, making), first);
  assert.equal(server.there().filter((kind) => kind === 'flows').length, 2);
  assert.equal(server.calls.filter((one) => one.startsWith('DELETE')).length, 0);
});

test('a dataflow of which no answer came is removed by no change of settings, but when somebody says so', async () => {
  const server = headwater(once('POST', 'flows', 'after', () => Promise.reject(new TypeError('network'))));
  const making = new Making();
  await assert.rejects(create(spec, draft(), { id: 'f' }, making), /does not answer/);
  await assert.rejects(create(spec, { ...draft(), name: 'another' }, { id: 'f' }, making), /is there after all/);
  assert.deepEqual([server.there(), making.left()[0].what, making.left()[0].perhaps], [all, 'dataflow', false]);
  assert.match(await create(spec, draft(), { id: 'f' }, making), /^flows-/);
  assert.deepEqual([server.there(), making.left()], [all, []]);
});

test('what is sent again under its key is what was sent, whatever accounts there are by then', async () => {
  for (const kind of ['connections', 'sourceConnections']) {
    const server = headwater(once('POST', kind, 'after', () => Promise.reject(new TypeError('network'))));
    const making = new Making();
    await assert.rejects(create(spec, draft(), { id: 'f' }, making), /does not answer/);
    server.add('connections', 'of somebody else');
    assert.match(await create(spec, draft(), { id: 'f' }, making), /^flows-/);
    assert.deepEqual(server.there().sort(), [...all, 'connections'].sort(), kind);
  }
});

test('what may be there stays named when trying again comes too soon', async () => {
  let [moment, reply] = ['after', () => Promise.reject(new TypeError('network'))];
  const server = headwater((method, kind, when) => (method === 'POST' && kind === 'sourceConnections' && when === moment ? reply : undefined));
  const making = new Making();
  await assert.rejects(create(spec, draft(), { id: 'f' }, making), /does not answer/);
  for (const status of [429, 503]) {
    [moment, reply] = ['before', () => answer(status, { errorMessage: 'later' })];
    await assert.rejects(create(spec, draft(), { id: 'f' }, making), /later/);
    assert.deepEqual([making.left()[0].what, making.left()[0].perhaps], ['source connection', true], String(status));
  }
  reply = undefined;
  await making.remove();
  assert.deepEqual([server.there(), making.left()], [[], []]);
});

test('a failure of the server is no reason of the thing that is to be removed', () => {
  const own = (status) => isOwnReason(new ApiError(status, ''));
  assert.deepEqual([400, 404, 409, 422].map(own), [true, true, true, true]);
  assert.deepEqual([0, 401, 500, 502, 503, 504].map(own), [false, false, false, false, false, false]);
  assert.equal(isOwnReason(new TypeError('x')), false);
});

test('of no records nobody is asked for a proposal', async () => {
  const server = headwater();
  assert.deepEqual([await suggested('dataset', []), server.calls], [[], []]);
});

test('a proposal replaces no row that somebody has written', () => {
  const row = (key, source, destination, touched) => ({ key, source, destination, ...(touched && { touched }) });
  const plain = (rows) => rows.map(({ key, source, destination }) => [key, source, destination]);
  const mine = [row(1, 'a', 'a'), row(2, 'upper(b)', 'b', true), row(5, 'c', 'renamed', true), row(7, '', 'new', true)];
  assert.deepEqual(plain(withProposed(mine, [row(1, 'a', 'a'), row(2, 'b', 'b'), row(3, 'c', 'c'), row(4, 'd', 'd')])), [[8, 'a', 'a'], [2, 'upper(b)', 'b'], [5, 'c', 'renamed'], [9, 'd', 'd'], [7, '', 'new']]);
  assert.deepEqual(plain(withProposed([row(1, 'a', 'a')], [])), []);
});

test('of a file no more is read than its first lines need', async () => {
  let read = 0;
  let stopped = false;
  const file = (line, count) => {
    read = 0;
    stopped = false;
    const bytes = new TextEncoder().encode(line);
    globalThis.fetch = async () => new Response(new ReadableStream({
      pull: (to) => (read++ < count ? to.enqueue(bytes) : to.close()),
      cancel: () => (stopped = true),
    }, { highWaterMark: 0 }));
  };
  file('{"a":"é"}\n', 100_000);
  assert.deepEqual(await firstLines('/x', 2), { lines: ['{"a":"é"}', '{"a":"é"}'], tooLong: false });
  assert.ok(stopped && read < 20, `${read} parts were read`);
  file('ab', 3);
  assert.deepEqual(await firstLines('/x', 5), { lines: ['ababab'], tooLong: false });
  file('x'.repeat(1000), 1e9);
  assert.deepEqual(await firstLines('/x', 5, 20_000), { lines: [], tooLong: true });
  assert.ok(stopped);
});

/** What a form of the schema holds before anybody touches it. */
function untouched(schema, value) {
  const whole = schemaInForm(schema);
  return JSON.parse(JSON.stringify(getDefaultFormState(validatorOf(whole), shownInForm(whole), value, shownInForm(whole), false, { constAsDefaults: 'never' })));
}

test('of a choice of objects that nobody has made nothing is sent', () => {
  const alternative = (kind) => ({ title: kind, type: 'object', required: ['kind', kind], properties: { kind: { const: kind }, [kind]: { type: 'string' } } });
  const choice = { title: 'Auth', oneOf: [alternative('key'), alternative('token')] };
  assert.deepEqual(untouched({ properties: { a: choice } }), {});
  assert.deepEqual(untouched({ properties: { a: { type: 'object', ...choice } } }), {});
  assert.deepEqual(untouched({ properties: { a: { anyOf: choice.oneOf } } }), {});
  assert.deepEqual(untouched({ definitions: { c: choice, k: alternative('key') }, properties: { a: { $ref: '#/definitions/c' }, b: { oneOf: [{ $ref: '#/definitions/k' }] } } }), {});
  assert.deepEqual(untouched({ properties: { a: { type: 'object', properties: { common: { type: 'string' } }, oneOf: choice.oneOf } } }), {});
  assert.deepEqual(untouched({ properties: { a: { type: 'array', minItems: 1, items: choice } } }), { a: [] });
  assert.deepEqual(untouched({ required: ['in'], properties: { in: { type: 'object', properties: { a: choice } } } }), { in: {} });
  // Within an alternative that is there, too.
  const outer = { oneOf: [{ title: 'Outer', type: 'object', properties: { kind: { const: 'outer' }, a: choice } }] };
  assert.deepEqual(untouched({ required: ['o'], properties: { o: outer } }), { o: { kind: 'outer' } });
  // What has to be, and what was chosen, is as it was.
  assert.deepEqual(untouched({ required: ['a'], properties: { a: choice } }), { a: { kind: 'key' } });
  assert.deepEqual(untouched({ properties: { a: choice } }, { a: { kind: 'token', token: 'x' } }), { a: { kind: 'token', token: 'x' } });
  assert.deepEqual(untouched({ properties: { a: { ...choice, default: { kind: 'token' } } } }), { a: { kind: 'token' } });
});
