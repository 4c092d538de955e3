// The web application's logic, without a browser: paths as the mapping language writes them, the schema that a set-up makes of the
// records it looked at, rows that cannot stand beside each other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './web_modules.mjs';

const { stepsOf, sourceText, destinationText, isPath, valueIn, every } = await load('paths.ts');
const records = await load('records.ts');
const { rowProblems } = await load('mapping-check.ts');
const { nextRuns, bounded } = await load('set-up/times.ts');
const { asksForChanges, signInCalled } = await load('specs.ts');
const exact = await load('exact.ts');
const forms = await load('forms/prepared.ts');
const { problemsOf } = await load('forms/validator.ts');
const { curlOf, eventFor } = await load('flow/sample.ts');
const { namesIn, lacks } = await load('names.ts');
const { isOfValues } = await load('rejects.ts');
const { inputsOf, masked } = await load('set-up/inputs.ts');
const { kept, openParams, schemaToChange } = await load('set-up/kept-secrets.ts');
const { placeAt } = await load('editor/json-place.ts');
const { jsonCompletions } = await load('editor/json-schema.ts');
const { specSchema } = await load('builder/schema.ts');
const builder = await load('builder/parts.ts');
const publication = await load('builder/publication.ts');
const api = await load('api.ts');
const { csv } = await load('format.ts');
const { quotedName, sameName } = await load('datasets.ts');
const plain = (value) => JSON.parse(JSON.stringify(value));
const row = (source, destination, key = 1) => ({ key, source, destination });

test('names that are no words of the language are written so that they are read as names again', () => {
  for (const steps of [['a', 'b'], ['2024'], ['First Name'], ['a', 'First Name'], ['a.b'], ['a[0]'], ['e-mail'], ['null'], ['size'], ['x}y'], ['${x}'], ['a\\'], ['Größe'], [' a '], ['a]'], ['\\}']]) {
    assert.deepEqual(stepsOf(sourceText(steps)), steps, sourceText(steps));
    assert.deepEqual(stepsOf(destinationText(steps).trim()), steps, destinationText(steps));
    assert.ok(isPath(sourceText(steps)), sourceText(steps));
  }
  assert.deepEqual([['a', 'b'], ['2024'], ['a', 'First Name'], ['Größe']].map(sourceText), ['a.b', '${2024}', '${a.First Name}', 'Größe']);
  assert.deepEqual([['2024'], ['a', 'First Name'], ['a.b'], ['a[0]']].map(destinationText), ['2024', 'a.First Name', 'a\\.b', 'a\\[0\\]']);
});

test('numbers go through a form as they are written', () => {
  const text = '{"a":1.10,"b":0.12345678901234567890,"c":9007199254740993,"d":1e400,"e":2.5,"f":[-0.0,1E+2],"g":"1.10","h":"\u2063x"}';
  const held = forms.valueInForm(exact.readExactly(text));
  assert.equal(exact.written(forms.valueOutOfForm(structuredClone(held))), text);
  assert.deepEqual([held.a, held.e, held.g].map(exact.amountText), ['1.10', '2.5', '1.10']);
  const taken = (typed) => exact.written(forms.valueOutOfForm(exact.amount(typed)));
  assert.deepEqual(['1.10', '.5', '+3', '+9007199254740993', '1e400', 'abc', '007', '1.0'].map(taken), ['1.10', '0.5', '3', '9007199254740993', '1e400', '"abc"', '7', '1.0']);
});

test('calculations are no paths', () => {
  for (const source of ['2024', 'true', 'null', 'a-b', 'a b', 'upper(a)', '"a"', 'a..b', '${a', 'a[x]', '${a}-${b}', '']) assert.ok(!isPath(source), source);
  for (const source of ['a', 'a.b', 'a[0].b', 'a[*].b', '@id', '${a b}', '${a.b c}']) assert.ok(isPath(source), source);
});

test('a path finds own members only, and every element', () => {
  assert.equal(valueIn({}, ['constructor']), undefined);
  assert.equal(valueIn(JSON.parse('{"__proto__":{"a":1}}'), ['__proto__', 'a']), 1);
  assert.deepEqual(valueIn({ l: [{ a: 1 }, { b: 2 }] }, ['l', every, 'a']), [1, undefined]);
});

test('proposed rows of unusual names name them', () => {
  const schema = { type: 'object', properties: { 2024: { type: 'integer' }, '': { type: 'string' }, 'First Name': { type: 'string' }, in: { type: 'object', properties: { '': {}, a: {} } } } };
  assert.deepEqual(records.identityRows(schema).map(({ source, destination }) => [source, destination]), [['${2024}', '2024'], ['${First Name}', 'First Name'], ['in', 'in']]);
  assert.ok(records.hasNameless(schema));
  assert.deepEqual(records.identityRows(schema).map(records.wireRow).map(({ sourceType }) => sourceType), ['ATTRIBUTE', 'ATTRIBUTE', 'ATTRIBUTE']);
  assert.deepEqual(records.proposedRows([{ source: 'First Name', destination: 'name' }, { source: 'x', destination: '' }]), [row('${First Name}', 'name')]);
});

/** The schema of a new dataset for records that were looked at. */
const made = (schema, seen, rows = records.identityRows(schema), results = []) => plain(records.schemaOfRows('t', rows, schema, seen, results)).properties;
const integer = { type: 'integer', minimum: -9007199254740992, maximum: 9007199254740991 };

test('what is mixed or empty has no type, and elements may be null', () => {
  const schema = { type: 'object', properties: { id: integer, m: { type: 'array', items: { type: 'array', items: {} } }, v: {}, e: { type: 'object', properties: {} }, t: { type: 'array', items: { type: 'string' } } } };
  const seen = [{ id: 1, m: [[1, 2], [3, [4]]], v: 1 }, { id: 2, v: { a: 1 } }];
  assert.deepEqual(made(schema, seen), { id: { type: 'integer' }, m: { type: 'array', items: { type: ['array', 'null'], items: {} } }, v: {}, e: {}, t: { type: 'array', items: { type: ['string', 'null'] } } });
});

test('a number that its column cannot hold stays as it is written', () => {
  const schema = { type: 'object', properties: { big: { type: 'integer' }, fine: { type: 'integer' }, far: { type: 'number' }, in: { type: 'array', items: { type: 'integer' } } } };
  assert.deepEqual(made(schema, [{ big: 2 ** 64, fine: 2 ** 60, far: Infinity, in: [1, 2 ** 70] }]), { big: {}, fine: { type: 'integer' }, far: {}, in: { type: 'array', items: {} } });
});

test('an expression has the type of all its results', () => {
  const rows = [row('upper(name)', 'name'), row('size(tags)', 'in.count', 2), row('nothing()', 'none', 3)];
  assert.deepEqual(made({}, [], rows, [{ in: { count: 1 } }, { name: 'A', in: { count: 2.5 } }]), { name: { type: 'string' }, in: { type: 'object', properties: { count: { type: 'number' } } }, none: {} });
});

test('rows into arrays and beside a copied object fill one schema', () => {
  const schema = { type: 'object', properties: { l: { type: 'array', items: { type: 'object', properties: { a: { type: 'integer' } } } }, o: { type: 'object', properties: { x: { type: 'string' } } }, n: { type: 'number' } } };
  assert.deepEqual(made(schema, [], [row('l[*].a', 'k[*].b'), row('n', 'p[0]', 2), row('n', 'o.y', 3), row('o', 'o', 4)]), {
    k: { type: 'array', items: { type: ['object', 'null'], properties: { b: { type: 'integer' } } } },
    p: { type: 'array', items: { type: ['number', 'null'] } },
    o: { type: 'object', properties: { y: { type: 'number' }, x: { type: 'string' } } },
  });
  assert.ok('__proto__' in JSON.parse(JSON.stringify(records.schemaOfRows('t', [row('n', '__proto__')], schema, [], []))).properties);
});

test('halves of rows and members of a single value are told', () => {
  const schema = { type: 'object', properties: { customer: { type: 'object', properties: { name: { type: 'string' } } }, note: { type: 'string' } } };
  const told = (rows, targets) => [...rowProblems(rows, schema, targets).keys()];
  assert.deepEqual(told([row('customer.name', 'customer.name', 1), row('note', 'customer.name.x', 2)]), [2]);
  assert.deepEqual(told([row('note', '', 1), row('', 'x', 2), row('note', 'y', 3)]), [1, 2]);
  assert.deepEqual(told([row('customer', 'customer', 1), row('note', 'customer.note', 2)]), []);
  assert.deepEqual(told([row('note', 'a\\.b', 1), row('note', 'a', 2)]), []);
  assert.deepEqual(told([row('to_object("a", 1)', 'address', 1), row('note', 'address.zip', 2)], records.fieldsOf({ properties: { address: { type: 'object', properties: { zip: { type: 'string' } } } } })), []);
});

test('a first run whose time has passed begins at once, and the others keep to its grid', () => {
  const hour = 3_600_000;
  const schedule = { frequency: 'hour', interval: 2, backfill: true };
  assert.deepEqual(nextRuns({ ...schedule, start: 10 * hour }, 3, 15 * hour), [15 * hour, 16 * hour, 18 * hour]);
  assert.deepEqual(nextRuns({ ...schedule, start: 20 * hour }, 2, 15 * hour), [20 * hour, 22 * hour]);
  assert.deepEqual(nextRuns(schedule, 2, 15 * hour), [15 * hour, 17 * hour]);
  assert.deepEqual(nextRuns({ ...schedule, frequency: 'once', start: hour }, 3, 15 * hour), [15 * hour]);
  assert.deepEqual([bounded('minute', 1), bounded('week', 1e6), bounded('day', NaN)], [15, 52, 1]);
});

test('a source can be asked for changes when its spec says how', () => {
  const spec = (attributes, inputs) => ({ sourceSpec: { attributes, spec: { properties: inputs } } });
  assert.ok(asksForChanges(spec({ scheduleParams: { scheduleStartParamName: 'since' } })));
  assert.ok(asksForChanges(spec({ scheduleParams: { type: 'ADVANCE', incremental: '' } })));
  assert.ok(asksForChanges(spec({ urlParams: { queryParams: { q: 'updated > {START_TIME}' } } })));
  assert.ok(asksForChanges(spec({}, { scheduleParams: { type: 'object' } }), { scheduleParams: { scheduleStartParamName: 'since' } }));
  assert.ok(!asksForChanges(spec({ scheduleParams: {} }, { scheduleParams: { type: 'object' } }), {}));
  assert.ok(!asksForChanges({}));
});

test('the way that an account signs in is found as the engine finds it', () => {
  const ways = [{ name: 'Basic Authentication' }, { name: 'basic_authentication' }, { name: 'API Key' }];
  const found = (name, some = ways) => signInCalled(some, name)?.name;
  assert.deepEqual(['Basic Authentication', 'basic-authentication', 'basic_authentication', 'apikey', 'other', '', undefined].map((name) => found(name)), ['Basic Authentication', 'Basic Authentication', 'basic_authentication', 'API Key', undefined, undefined, undefined]);
  assert.deepEqual([found('', ways.slice(2)), found('x', undefined), found('', [])], ['API Key', undefined, undefined]);
});

test('an example may hold quotes', () => {
  assert.match(curlOf('http://x', `{"a":"it's"}`), /-d '\{"a":"it'\\''s"\}' http/);
});

test('only what a spreadsheet would run is marked as a text', () => {
  const field = (value) => csv(['a'], [[value]]).split('\r\n')[1];
  for (const value of ['+4912345', '+49 (30) 123-45', '-', '+', '-1.5', '-1,5', '-1e5', '+.5', 'a=b', '', '2024-01-01']) assert.equal(field(value).replace(/^"|"$/g, ''), value, value);
  for (const value of ['=1+1', '@sum(a)', '\tx', '+cmd|x', '-a', '-1+cmd', '- note', '+"x"']) assert.equal(field(value)[0] === '"' ? field(value)[1] : field(value)[0], "'", value);
  assert.equal(field(-5), '-5');
});

test('a name stands in SQL as it is, and two that SQL takes for one are the same', () => {
  assert.equal(quotedName('say "hi"'), '"say ""hi"""');
  assert.ok(sameName('DBL', ' dbl '));
  assert.ok(!sameName('dbl', 'dbl2'));
});

/** What a form says of a value: "place: sentence". */
const said = (schema, value) => problemsOf(forms.schemaInForm(schema), value).map(({ path, message }) => `${path.join('/')}: ${message}`);
const one = (schema, value) => said({ properties: { a: schema } }, { a: value });

test('every keyword that fails is told at its field', () => {
  assert.deepEqual(said({ required: ['flag'], properties: { flag: { type: 'boolean' } } }, {}), ['flag: This is required.']);
  assert.deepEqual(one({ exclusiveMinimum: 0 }, 0), ['a: This must be more than 0.']);
  assert.deepEqual(one({ exclusiveMaximum: 9 }, 9), ['a: This must be less than 9.']);
  assert.deepEqual(one({ multipleOf: 5 }, 7), ['a: This must be a multiple of 5.']);
  assert.deepEqual(one({ const: 'x' }, 'y'), ['a: This must be x.']);
  assert.deepEqual(one({ type: 'array', uniqueItems: true, items: { type: 'string' } }, ['x', 'x']), ['a: No two of these may be the same.']);
  assert.deepEqual(one({ type: 'array', items: { type: 'string', pattern: '^a' } }, ['a', 'b']), ['a/1: This must look like ^a.']);
  assert.deepEqual(one({ type: 'object', additionalProperties: false, properties: { b: {} } }, { b: 1, c: 2 }), ['a: “c” is not allowed here.']);
  assert.deepEqual(one({ type: 'object', additionalProperties: { type: 'string' } }, { b: 1 }), ['a/b: This must be of the type string.']);
  assert.deepEqual(one({ type: 'object', minProperties: 1 }, {}), ['a: This needs 1 entries or more.']);
  assert.deepEqual(one({ type: 'object', propertyNames: { pattern: '^x' }, additionalProperties: { type: 'string' } }, { b: 'c' }), ['a: “b” is no name that is allowed here.']);
  assert.deepEqual(one({ contains: { const: 1 } }, [2]), ['a: None of these is as one must be.']);
  assert.deepEqual(one({ not: { const: 1 } }, 1), ['a: This value is not allowed.']);
  assert.deepEqual(said({ properties: { a: {}, b: {} }, dependencies: { a: ['b'] } }, { a: 1 }), ['b: This is required when “a” is given.']);
  assert.deepEqual(said({ properties: { a: {} }, dependencies: { a: { required: ['b'], properties: { b: {} } } } }, { a: 1 }), ['b: This is required.']);
  assert.deepEqual(said({ properties: { a: {} }, if: { required: ['a'] }, then: { required: ['b'], properties: { b: {} } } }, { a: 1 }), ['b: This is required.']);
});

test('what has no field of its own is told where there is one', () => {
  assert.deepEqual(said({ required: ['x'], properties: {} }, {}), [': “x”: This is required.']);
  assert.deepEqual(said({ properties: { in: { type: 'object', required: ['y'] } } }, { in: {} }), ['in: “y”: This is required.']);
  assert.deepEqual(said({ properties: { 'First Name': { minLength: 2 }, 'a.b': { type: 'object', required: ['c"d'], properties: { 'c"d': {} } } } }, { 'First Name': 'x', 'a.b': {} }), ['First Name: This needs 2 characters or more.', 'a.b/c"d: This is required.']);
  assert.deepEqual(said({ definitions: { few: { type: 'integer', maximum: 3 } }, properties: { a: { $ref: '#/definitions/few' } } }, { a: 4 }), ['a: The most is 3.']);
});

test('alternatives are told as what they are', () => {
  const needed = { properties: { a: {}, b: {} }, oneOf: [{ required: ['a'] }, { required: ['b'] }] };
  assert.deepEqual(said(needed, {}), [': One of these is needed: “a”; or “b”.']);
  assert.deepEqual(said(needed, { a: 1, b: 1 }), [': Only one of these may be given: “a”; or “b”.']);
  assert.deepEqual(one({ anyOf: [{ type: 'string' }, { type: 'integer' }] }, 1.5), ['a: This fits none of the alternatives.']);
  assert.deepEqual(one({ oneOf: [{ type: 'number' }, { type: 'integer' }] }, 1), ['a: This fits several of the alternatives; it must fit one only.']);
});

test('choices of decimals and large integers accept what they offer', () => {
  const schema = exact.readExactly('{"properties":{"a":{"enum":[1.10,2.50,9007199254740993]}}}');
  for (const value of ['1.10', '9007199254740993']) assert.deepEqual(said(schema, forms.valueInForm(exact.readExactly(`{"a":${value}}`))), []);
});

test('nothing is filled in that need not be', () => {
  const shown = (schema) => forms.shownInForm(forms.schemaInForm({ required: ['must'], properties: { must: schema, may: schema } })).properties;
  const flag = shown({ type: 'boolean' });
  assert.deepEqual([flag.must.default, flag.may.default], [false, undefined]);
  const constant = shown({ const: 0 });
  assert.deepEqual([constant.must.default, constant.may.default, constant.may.enum], [0, undefined, [0]]);
  const titled = shown({ oneOf: [{ const: 'x', title: 'The X' }, { const: 'y', title: 'The Y' }] });
  assert.deepEqual([titled.may.type, titled.may.default], ['string', undefined]);
  assert.equal(forms.shownInForm(forms.schemaInForm({ properties: { a: {} }, oneOf: [{ required: ['a'] }, { required: ['b'] }] })).oneOf, undefined);
});

const kind = (name, properties) => ({ type: 'object', required: ['kind'], properties: { kind: { const: name }, ...properties } });
const leaf = kind('leaf', { field: { type: 'string' } });
/** The form of a schema; it is drawn from its references. */
const formOf = (schema) => forms.shownInForm(forms.schemaInForm(schema));
const referred = (form, { $ref }) => form.definitions[$ref.split('/').pop()];

test('a choice that contains itself, in a list, has a form', () => {
  const refer = { $ref: '#/definitions/node' };
  const node = { oneOf: [kind('and', { all: { type: 'array', items: { type: 'object', properties: { condition: { ...refer, title: 'Condition' } } } } }), leaf] };
  const form = formOf({ definitions: { node }, properties: { a: refer } });
  const choice = referred(form, form.properties.a);
  assert.deepEqual(choice.oneOf.map(({ title, properties }) => title ?? properties.kind.enum[0]), ['(none)', 'and', 'leaf']);
  const { condition } = choice.oneOf[1].properties.all.items.properties;
  assert.equal(condition.title, 'Condition');
  assert.equal(referred(form, condition).oneOf[0].title, '(none)');
  const beside = formOf({ definitions: { node, choice1: { type: 'string' } }, properties: { a: refer, b: { $ref: '#/definitions/choice1' } } });
  assert.deepEqual([referred(beside, beside.properties.b).type, referred(beside, beside.properties.a).oneOf.length], ['string', 3]);
  // By way of the whole schema, and with members beside the reference.
  formOf({ ...node, properties: { x: { type: 'array', items: { type: 'object', properties: { y: { $ref: '#' } } } } } });
  const more = { ...refer, required: ['kind'], properties: { kind: {} } };
  formOf({ definitions: { node: { oneOf: [kind('and', { all: { type: 'array', items: { type: 'object', properties: { condition: more } } } }), leaf] } }, properties: { a: more } });
});

test('the form of choices that refer to each other is no larger than they are', () => {
  const count = 20;
  const definitions = Object.fromEntries(Array.from({ length: count }, (_, index) => {
    const next = { $ref: `#/definitions/n${index + 1}` };
    return [`n${index}`, { oneOf: [kind('and', { a: next, b: next }), leaf] }];
  }));
  const schema = { definitions: { ...definitions, [`n${count}`]: leaf }, properties: { a: { $ref: '#/definitions/n0' } } };
  assert.ok(JSON.stringify(formOf(schema)).length < 10 * JSON.stringify(schema).length);
});

test('what an expression names is found, and what no record has', () => {
  const named = (source) => namesIn(source).map(sourceText);
  assert.deepEqual(named('a.b'), ['a.b']);
  assert.deepEqual(named('${First Name}'), ['${First Name}']);
  assert.deepEqual(named('concat(upper(a.b), "c d", \'e\', ${First Name}, l[0].sku, 1e5, null)'), ['a.b', '${First Name}', 'l[0].sku']);
  assert.deepEqual(named('filterArray(orders, o -> o.total > min)'), ['orders', 'min']);
  assert.deepEqual(named('first(orders).total'), ['orders']);
  const schema = { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'string' } } }, l: { type: 'array', items: { type: 'object', properties: { sku: {} } } }, any: {} } };
  const lacking = (source) => namesIn(source).some((steps) => lacks(schema, steps));
  for (const source of ['a', 'a.b', 'l[0].sku', 'l[*].sku', 'any.x', 'l.sku', 'upper(a.b)', '"x"']) assert.ok(!lacking(source), source);
  for (const source of ['nosuchfield', 'a.c', 'l[0].x', 'upper(nosuchfield)', 'constructor']) assert.ok(lacking(source), source);
  assert.ok(!lacks(undefined, ['a']));
});

test('an example has what the mapping takes, of the types of where it goes', () => {
  const schema = { type: 'object', properties: { id: { type: 'integer' }, at: { type: 'string', format: 'date-time' }, mail: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } }, n: { type: 'object', properties: { ok: { type: 'boolean' } } } } };
  const rows = [row('user.id', 'id'), row('${When it was}', 'at'), row('user.email', 'mail'), row('user', 'any'), row('lines[1].sku', 'sku'), row('size_of(list)', 'n.ok')].map(({ source, destination }) => ({ source, destination }));
  assert.deepEqual(eventFor(rows, schema), { user: { id: 1, email: 'ada@example.test' }, 'When it was': '2024-03-05T09:07:03Z', lines: [null, { sku: 'text' }], list: 'text' });
  assert.deepEqual(eventFor(undefined, schema), { id: 1, at: '2024-03-05T09:07:03Z', mail: 'ada@example.test', tags: ['text'], n: { ok: true } });
  assert.deepEqual(eventFor([], {}), {});
});

test('a row that gave no value is counted in values', () => {
  assert.ok(isOfValues({ code: 'MAPPER-3700-400' }) && !isOfValues({ code: 'INGEST-1212-400' }));
});

test('what was chosen is shown with its names, and secrets as stars', () => {
  const secret = { type: 'string', format: 'password' };
  const schema = {
    definitions: { s: secret },
    properties: { shop: { title: 'Address of the shop' }, key: secret, ref: { $ref: '#/definitions/s' }, in: { title: 'Within', properties: { key: secret, a: {} } }, list: { items: secret }, rows: { items: { properties: { k: secret, n: { title: 'Number' } } } }, empty: {} },
    oneOf: [{ properties: { which: secret } }, { properties: { which: { type: 'string' } } }],
  };
  const value = { shop: 'http://x', key: 'a', ref: 'b', in: { key: 'c', a: 5 }, list: ['d', 'e'], rows: [{ k: 'f', n: 1 }], empty: '', which: 'g', apiToken: 'h', plain: true };
  assert.deepEqual(inputsOf(schema, value).map(({ name, value }) => `${name}: ${value}`), ['Address of the shop: http://x', 'key: ********', 'ref: ********', 'Within, key: ********', 'Within, a: 5', 'list: ********', 'rows 1, k: ********', 'rows 1, Number: 1', 'which: ********', 'apiToken: ********', 'plain: true']);
  assert.deepEqual(masked({ headers: { Authorization: 'Bearer x', accept: 'y' }, password: ['z', ''] }), { headers: { Authorization: '********', accept: 'y' }, password: ['********', ''] });
});

/** Where one is at the mark | of a text. */
const placed = (text) => placeAt(text.replace('|', ''), text.indexOf('|'));
const offered = (text, explicit = true) => jsonCompletions(specSchema)({ state: { doc: text.replace('|', '') }, pos: text.indexOf('|'), explicit })?.options.map(({ label }) => JSON.parse(label)) ?? [];

test('a place in JSON is known while the text is none', () => {
  const at = (text) => { const found = placed(text); return found && [found.path.join('.'), found.wants, [...found.names].join()]; };
  assert.deepEqual(at('{"na|'), ['', 'name', '']);
  assert.deepEqual(at('{"na|"}'), ['', 'name', '']);
  assert.deepEqual(at('{"name": "x",\n  |\n}'), ['', 'name', 'name']);
  assert.deepEqual(at('{"name": "x"\n  |\n  "type": 1}'), ['', 'name', 'name,type']);
  assert.deepEqual(at('{"type": "|"}'), ['type', 'value', 'type']);
  assert.deepEqual(at('{"type": |}'), ['type', 'value', 'type']);
  assert.deepEqual(at('{"a": [{"b": {"c|": 1, "d": 2}}]}'), ['a.[].b', 'name', 'd']);
  assert.deepEqual(at('{"a": {"x": 1}, "b": {|}}'), ['b', 'name', '']);
  assert.equal(at('{"a" |'), undefined);
  assert.equal(at('|'), undefined);
  assert.equal(placed('{"a": 1\n|\n}').commaAt, 7);
  assert.equal(placed('{|\n "a": 1}').followedBy, '"');
  assert.equal(placed('{"a|": 1}').followedBy, ':');
});

test('a spec is completed by its schema', () => {
  assert.ok(offered('{"na|').includes('name'));
  assert.ok(offered('{"na|"}', false).includes('name'));
  assert.ok(!offered('{"name": "x",\n|}').includes('name'));
  assert.deepEqual(offered('{"type": "|"}', false), ['generic-rest', 'generic-streaming']);
  assert.deepEqual(offered('{"sourceSpec": {"attributes": {"urlParams": {"method": |}}}}'), ['GET', 'POST']);
  assert.ok(offered('{"authSpec": [{"name": "x", |}]}').includes('spec'));
  assert.deepEqual(offered('{"name": |}'), []);
  assert.deepEqual(offered('{|', false), []);
});

test('what is completed takes the place of what is written by then, with its quotes', () => {
  const completed = (then, now, label) => {
    const { options } = jsonCompletions(specSchema)({ state: { doc: then.replace('|', '') }, pos: then.indexOf('|'), explicit: false });
    const doc = now.replace('|', '');
    let text = '';
    const dispatch = ({ changes }) => (text = [...changes].sort((a, b) => b.from - a.from).reduce((all, { from, to = from, insert }) => all.slice(0, from) + insert + all.slice(to), doc));
    options.find((one) => one.label === `"${label}"`).apply({ state: { doc }, dispatch }, undefined, 0, now.indexOf('|'));
    return text;
  };
  assert.equal(completed('{"|"}', '{"na|"}', 'name'), '{"name": ""}');
  assert.equal(completed('{"|', '{"na|', 'name'), '{"name": ""');
  assert.equal(completed('{"type": "|"}', '{"type": "generic-s|"}', 'generic-streaming'), '{"type": "generic-streaming"}');
});

test('credentials that are left empty stay the stored ones', () => {
  const stored = { user: 'ada', key: '********', in: { token: '********', open: 1 }, none: { x: 1 } };
  assert.deepEqual(openParams(stored), { user: 'ada', in: { open: 1 }, none: { x: 1 } });
  assert.deepEqual(kept({ user: 'bea', in: { open: 2 } }, stored), { user: 'bea', key: '********', in: { open: 2, token: '********' } });
  assert.deepEqual(kept({ key: 'new', in: { token: '' } }, stored), { key: 'new', in: { token: '********' } });
  const schema = schemaToChange({ required: ['user', 'key'], properties: { user: {}, key: { format: 'password' } } }, stored);
  assert.deepEqual(schema.required, ['user']);
  assert.match(schema.properties.key.description, /Leave it empty/);
});

test('records that are no objects have one column', () => {
  assert.deepEqual(records.tableOf([1, 'x', null, [2]], { type: 'string' }), { columns: ['value'], rows: [[1], ['x'], [null], [[2]]] });
});

const partCalled = (title) => builder.parts.find((part) => part.title === title);
const withAttributes = (attributes, spec = {}) => ({ name: 'x', sourceSpec: { attributes, spec } });
const request = partCalled('Request');

test('the headers of the builder are those that are sent', () => {
  const host = 'https://a.test';
  const shown = (document) => builder.valueOf(document, request).headerParams;
  const added = (document, headerParams = { B: '2' }) => builder.withValue(document, request, { ...builder.valueOf(document, request), headerParams });
  const own = withAttributes({ urlParams: { host }, headerParams: { A: '1' } });
  assert.deepEqual(shown(own), { A: '1' });
  assert.deepEqual(added(own), withAttributes({ urlParams: { host }, headerParams: { B: '2' } }));
  const within = withAttributes({ urlParams: { host, headerParams: { A: '1' } } });
  assert.deepEqual(shown(within), { A: '1' });
  assert.deepEqual(added(within), withAttributes({ urlParams: { host, headerParams: { B: '2' } } }));
  const both = withAttributes({ urlParams: { host, headerParams: { A: '1' } }, headerParams: { C: '3' } });
  assert.deepEqual(shown(both), { C: '3' });
  assert.deepEqual(added(both).sourceSpec.attributes, { urlParams: { host, headerParams: { A: '1' } }, headerParams: { B: '2' } });
  const none = withAttributes({ urlParams: { host } });
  assert.deepEqual(added(none), withAttributes({ urlParams: { host }, headerParams: { B: '2' } }));
  assert.deepEqual(added(none, {}), none);
  const old = withAttributes({ urlParams: { host, queryParams: '?a=1&a=2' }, headerParams: 'A=1, B=x=y' });
  assert.deepEqual(builder.valueOf(old, request), { host, queryParams: { a: ['1', '2'] }, headerParams: { A: '1', B: 'x=y' } });
  assert.deepEqual(builder.withValue(old, request, { ...builder.valueOf(old, request), path: '/p' }), withAttributes({ urlParams: { host, queryParams: '?a=1&a=2', path: '/p' }, headerParams: 'A=1, B=x=y' }));
  const repeated = withAttributes({ urlParams: { host, queryParams: 'fields=a&x=1&fields=b&fields=c%26d' }, headerParams: 'A=1,B=2,A=3' });
  const { queryParams, headerParams } = builder.valueOf(repeated, request);
  assert.deepEqual([queryParams, headerParams], [{ fields: ['a', 'b', 'c&d'], x: '1' }, { A: ['1', '3'], B: '2' }]);
  const further = builder.withValue(repeated, request, { host, queryParams: { ...queryParams, y: '2' }, headerParams: { ...headerParams, C: '4' } });
  assert.deepEqual(further, withAttributes({ urlParams: { host, queryParams: { fields: ['a', 'b', 'c&d'], x: '1', y: '2' } }, headerParams: { A: ['1', '3'], B: '2', C: '4' } }));
  assert.deepEqual(problemsOf(forms.schemaInForm(builder.schemaOf(request)), builder.valueOf(further, request)), []);
  const elsewhere = withAttributes({ urlParams: { host } }, { properties: { headerParams: { A: '1' } } });
  assert.deepEqual(shown(elsewhere), { A: '1' });
  assert.equal(shown(withAttributes({ urlParams: { host } }, { properties: { headerParams: { type: 'object' } } })), undefined);
  assert.ok(offered('{"sourceSpec": {"attributes": {|}}}').includes('headerParams'));
});

test('what is written as a text becomes an object that still says it', () => {
  const records = partCalled('Records');
  const text = withAttributes({ contentPath: '$.items' });
  assert.deepEqual(builder.valueOf(text, records), { path: '$.items' });
  assert.deepEqual(builder.withValue(text, records, { path: '$.items', overrideWrapperAttribute: 'item' }), withAttributes({ contentPath: { path: '$.items', overrideWrapperAttribute: 'item' } }));
  assert.equal(builder.withValue(text, records, { path: '$.items' }), text);
  const named = withAttributes({ uiAttributes: { label: 'My orders', category: 'crm', isSource: true } });
  assert.deepEqual(builder.shownAs(named), { label: 'My orders', category: 'crm' });
  assert.deepEqual(builder.withCategory(builder.withLabel(named, 'Mine'), 'payments'), withAttributes({ uiAttributes: { label: { text: 'Mine' }, category: { text: 'payments' }, isSource: true } }));
  assert.deepEqual(builder.withCategory(withAttributes({ uiAttributes: { category: { key: 'crm' } } }), 'payments'), withAttributes({ uiAttributes: { category: { key: 'payments' } } }));
  assert.deepEqual(builder.put('text', ['a', 'b'], { c: 1 }), { a: { b: { c: 1 } } });
});

/** Does it while the server answers as `answer` says; what it was asked. */
async function asking(answer, act) {
  const asked = [];
  const before = globalThis.fetch;
  globalThis.fetch = async (path, { method, body, headers }) => {
    asked.push({ method, path, body: body && JSON.parse(body), etag: headers['If-Match'] });
    const { status = 200, ...said } = answer(asked.at(-1), asked.length);
    return new Response(JSON.stringify(said), { status });
  };
  try {
    return { result: await act(), asked };
  } finally {
    globalThis.fetch = before;
  }
}

const streaming = { name: 's', type: 'generic-streaming', providerId: '521eee4d-8cbe-4906-bb48-fb6bd4450033' };

test('a published source is taken by the flow spec of its kind', async () => {
  const flowSpec = { items: [{ etag: 'e', sourceConnectionSpecIds: ['a'] }] };
  const answer = ({ method }) => (method === 'GET' ? flowSpec : {});
  for (const [document, id] of [[streaming, 'e77fde5a-22a8-11ed-861d-0242ac120002'], [{ providerId: 'x', type: 'generic-rest' }, '6499120c-0b15-42dc-936e-847ea3c24d72']]) {
    const { result, asked } = await asking(answer, () => publication.admit('new', document));
    assert.equal(result, true);
    assert.deepEqual(asked.map(({ method, path }) => `${method} ${path.split('/').pop()}`), [`GET ${id}`, `PUT ${id}`]);
    assert.deepEqual([asked[1].body.sourceConnectionSpecIds, asked[1].etag], [['a', 'new'], 'e']);
  }
  const again = await asking(answer, () => publication.admit('a', streaming));
  assert.deepEqual([again.result, again.asked.length], [false, 1]);
  const raced = await asking(({ method }, count) => (method === 'GET' ? flowSpec : count === 2 ? { status: 412 } : {}), () => publication.admit('new', streaming));
  assert.deepEqual(raced.asked.map(({ method }) => method), ['GET', 'PUT', 'GET', 'PUT']);
});

test('another version of a name is another source', async () => {
  const answer = () => ({ items: [{ id: '1', name: 'orders' }, { id: '2', name: 'orders', version: '2.0' }] });
  const taken = async (document, id = '') => (await asking(answer, () => publication.hasNamesake(document, id))).result;
  assert.deepEqual([await taken({ name: 'orders', version: '1.0' }), await taken({ name: 'orders' }), await taken({ name: 'orders', version: '3.0' }), await taken({ name: 'other' })], [true, true, false, false]);
  assert.deepEqual([await taken({ name: 'orders', version: '2.0' }, '2'), await taken({ name: 'orders', version: '2.0' }, '1')], [false, true]);
});

test('a source that a flow spec names is admitted, of whatever kind it is', async () => {
  const answer = () => ({ items: [{ id: 'batch', sourceConnectionSpecIds: ['a'] }, { id: 'none' }, { id: 'streaming', sourceConnectionSpecIds: ['shipped'] }] });
  const admitted = async (id) => (await asking(answer, () => publication.isAdmitted(id))).result;
  assert.deepEqual([await admitted('shipped'), await admitted('a'), await admitted('mine')], [true, true, false]);
});

test('a refusal takes away what is shown; a server that is away, or is asked too often, does not', () => {
  const lost = (status, data) => api.isLost({ error: status === undefined ? undefined : new api.ApiError(status, ''), data });
  assert.deepEqual([401, 403, 404].map((status) => lost(status, [])), [true, true, true]);
  assert.deepEqual([0, 408, 429, 500, 503, undefined].map((status) => lost(status, [])), [false, false, false, false, false, false]);
  assert.deepEqual([0, 429, 404].map((status) => lost(status)), [true, true, true]);
});

test('a server is silent only when it answers nothing at all', async () => {
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true });
  const before = globalThis.fetch;
  const asked = [];
  let cut = ['/explore'];
  globalThis.fetch = async (path) => {
    asked.push(path);
    if (cut.includes(path)) throw new TypeError('Failed to fetch');
    return new Response('{}');
  };
  try {
    await Promise.all([1, 2].map(() => assert.rejects(api.get('/explore'), /does not answer this/)));
    assert.deepEqual([api.server.silent, asked], [false, ['/explore', '/explore', '/healthz']]);
    cut = ['/explore', '/healthz'];
    await assert.rejects(api.get('/explore'), /does not answer\. Is it running/);
    assert.equal(api.server.silent, true);
    await api.get('/session');
    assert.equal(api.server.silent, false);
  } finally {
    globalThis.fetch = before;
  }
});
