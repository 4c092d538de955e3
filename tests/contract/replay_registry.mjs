// Schemas, datasets and mapping sets.
const registry = '/data/foundation/schemaregistry';
const catalog = '/data/foundation/catalog';
const conversion = '/data/foundation/conversion/mappingSets';
const stale = { 'If-Match': '"00000000-0000-0200-0000-000000000000"' };
const accept = (form) => ({ headers: { Accept: `application/vnd.adobe.${form}+json${form === 'xed-id' ? '' : '; version=1'}` } });

const document = {
  title: 'Order',
  type: 'object',
  properties: { orderId: { type: 'integer', title: 'Number' }, customer: { type: 'string' }, total: { type: 'number' } },
  required: ['orderId'],
};

async function replaySchemas(api) {
  const path = `${registry}/tenant/schemas`;
  const schema = await api.made('schemas: create', 'POST', path, 201, { body: document });
  await api.send('schemas: create without a title', 'POST', path, 400, { body: { type: 'object' } });
  await api.send('schemas: create of a text', 'POST', path, 400, { body: { title: 'Text', type: 'string' } });
  await api.send('schemas: list', 'GET', path, 200);
  await api.send('schemas: list of names', 'GET', path, 200, accept('xed-id'));
  await api.send('schemas: list of a wrong form', 'GET', path, 400, accept('xed-full'));
  await api.send('schemas: list of the vendor', 'GET', `${registry}/global/schemas`, 200);
  await api.send('schemas: list of nowhere', 'GET', `${registry}/nowhere/schemas`, 404);
  await api.send('schemas: stats', 'GET', `${registry}/stats`, 200);
  const one = `${path}/${encodeURIComponent(schema.$id)}`;
  for (const form of ['xed', 'xed-full', 'xed-notext']) await api.send(`schemas: lookup as ${form}`, 'GET', one, 200, accept(form));
  await api.send('schemas: lookup by the other id', 'GET', `${path}/${schema['meta:altId']}`, 200);
  await api.send('schemas: lookup of a version that is not there', 'GET', one, 406, { headers: { Accept: 'application/vnd.adobe.xed+json; version=9' } });
  await api.send('schemas: lookup of a wrong form', 'GET', one, 400, { headers: { Accept: 'application/vnd.adobe.xyz+json; version=1' } });
  const other = await api.made('schemas: create another', 'POST', path, 201, { body: { ...document, title: 'Other' } });
  const another = `${path}/${encodeURIComponent(other.$id)}`;
  await api.send('schemas: replace', 'PUT', another, 200, { body: { ...document, title: 'Replaced' } });
  await api.send('schemas: replace by nothing', 'PUT', another, 400, { body: {} });
  await api.send('schemas: replace a stale version', 'PUT', another, 412, { body: document, headers: stale });
  await api.send('schemas: change', 'PATCH', another, 200, { body: [{ op: 'add', path: '/properties/note', value: { type: 'string' } }] });
  await api.send('schemas: change a stale version', 'PATCH', another, 412, { body: [{ op: 'add', path: '/title', value: 'x' }], headers: stale });
  await api.send('schemas: change of what is not there', 'PATCH', another, 400, { body: [{ op: 'remove', path: '/properties/nothing' }] });
  await api.send('schemas: delete a stale version', 'DELETE', another, 412, { headers: stale });
  await api.send('schemas: delete', 'DELETE', another, 204);
  return schema.$id;
}

async function replayDatasets(api, schema) {
  const path = `${catalog}/dataSets`;
  const body = { name: 'contract_orders', schemaRef: { id: schema, contentType: 'application/vnd.adobe.xed-full+json;version=1' } };
  const [reference] = await api.made('datasets: create', 'POST', path, 201, { body });
  const id = reference.split('/').pop();
  await api.send('datasets: create for an unknown schema', 'POST', path, 400, { body: { name: 'x', schemaRef: { id: 'https://nowhere' } } });
  await api.send('datasets: create with a number for a name', 'POST', path, 400, { body: { name: 1 } });
  await api.send('datasets: list', 'GET', path, 200);
  await api.send('datasets: list of chosen members', 'GET', path, 200, { query: { limit: '5', orderBy: 'desc:created', properties: 'name' } });
  await api.send('datasets: list from a wrong start', 'GET', path, 400, { query: { start: '-1' } });
  await api.send('datasets: lookup', 'GET', `${path}/${id}`, 200);
  await api.send('datasets: change', 'PATCH', `${path}/${id}`, 200, { body: { description: 'Orders' } });
  await api.send('datasets: change by operations', 'PATCH', `${path}/${id}`, 200, { body: [{ op: 'add', path: '/description', value: 'Orders' }] });
  await api.send('datasets: change of the id', 'PATCH', `${path}/${id}`, 400, { body: { id: 'x' } });
  await api.send('datasets: change of a stale version', 'PATCH', `${path}/${id}`, 412, { body: { description: 'x' }, headers: stale });
  await api.send('datasets: replace', 'PUT', `${path}/${id}`, 200, { body });
  await api.send('datasets: replace by one of an unknown schema', 'PUT', `${path}/${id}`, 400, { body: { ...body, schemaRef: { id: 'https://nowhere' } } });
  await api.send('datasets: replace a stale version', 'PUT', `${path}/${id}`, 412, { body, headers: stale });
  await api.send('datasets: merge', 'PATCH', `${catalog}/v2/dataSets/${id}`, 200, { body: { tags: { team: ['shop'] } } });
  await api.send('datasets: merge the id', 'PATCH', `${catalog}/v2/dataSets/${id}`, 400, { body: { id: 'x' } });
  await api.send('datasets: merge into a stale version', 'PATCH', `${catalog}/v2/dataSets/${id}`, 412, { body: { tags: {} }, headers: stale });
  const [other] = await api.made('datasets: create another', 'POST', path, 201, { body: { name: 'contract_other' } });
  const another = `${path}/${other.split('/').pop()}`;
  await api.send('datasets: delete a stale version', 'DELETE', another, 412, { headers: stale });
  await api.send('datasets: preview of an empty one', 'GET', `/data/foundation/export/datasets/${other.split('/').pop()}/preview`, 200);
  await api.send('datasets: delete', 'DELETE', another, 200);
  await api.send('schemas: delete one in use', 'DELETE', `${registry}/tenant/schemas/${encodeURIComponent(schema)}`, 400);
  return id;
}

async function replayMappingSets(api, schema) {
  const row = (source, destination) => ({ sourceType: 'ATTRIBUTE', source, destination });
  const set = { name: 'orders', outputSchema: { schemaRef: { id: schema, contentType: '1.0' } }, mappings: [row('id', 'orderId'), row('customer.name', 'customer'), row('total', 'total')] };
  const wrong = { ...set, mappings: [{ sourceType: 'EXPRESSION', source: 'upper(', destination: 'customer' }] };
  const made = await api.made('mapping sets: create', 'POST', conversion, 200, { body: set });
  await api.send('mapping sets: create without rows', 'POST', conversion, 400, { body: {} });
  await api.send('mapping sets: create with a wrong expression', 'POST', conversion, 400, { body: wrong });
  await api.send('mapping sets: list', 'GET', conversion, 200, { query: { limit: '5', orderBy: '-createdDate' } });
  await api.send('mapping sets: list with a wrong limit', 'GET', conversion, 400, { query: { limit: 'x' } });
  await api.send('mapping sets: validate', 'POST', `${conversion}/validate`, 200, { body: set });
  await api.send('mapping sets: validate a wrong expression', 'POST', `${conversion}/validate`, 200, { body: wrong });
  await api.send('mapping sets: validate nothing', 'POST', `${conversion}/validate`, 400, { body: {} });
  const sample = { id: 1, customer: { name: 'Ada' }, total: 1.5 };
  await api.send('mapping sets: preview', 'POST', `${conversion}/preview`, 200, { body: { mappingSet: set, data: sample } });
  await api.send('mapping sets: preview of several', 'POST', `${conversion}/preview`, 200, { body: { mappingSet: set, data: [sample, {}] } });
  await api.send('mapping sets: preview without data', 'POST', `${conversion}/preview`, 400, { body: { mappingSet: set } });
  const one = `${conversion}/${made.id}`;
  await api.send('mapping sets: lookup', 'GET', one, 200, { query: { expandSchema: 'true' } });
  await api.send('mapping sets: lookup of a wrong version', 'GET', one, 400, { query: { version: 'x' } });
  const rows = await api.made('mapping sets: rows', 'GET', `${one}/mappings`, 200);
  await api.send('mapping sets: row', 'GET', `${one}/mappings/${rows[0].id}`, 200);
  await api.send('mapping sets: row that is not there', 'GET', `${one}/mappings/nothing`, 404);
  const other = await api.made('mapping sets: create another', 'POST', conversion, 200, { body: set });
  await api.send('mapping sets: replace', 'PUT', `${conversion}/${other.id}`, 200, { body: { ...set, mappings: set.mappings.slice(0, 2) } });
  await api.send('mapping sets: lookup of the replaced version', 'GET', `${conversion}/${other.id}`, 200, { query: { version: '0' } });
  await api.send('mapping sets: replace by nothing', 'PUT', `${conversion}/${other.id}`, 400, { body: {} });
  await api.send('mapping sets: replace a stale version', 'PUT', `${conversion}/${other.id}`, 412, { body: set, headers: stale });
  const next = `${conversion}/${other.id}/mappings`;
  await api.send('mapping sets: add a row', 'POST', next, 200, { body: { sourceType: 'EXPRESSION', source: 'price * quantity', destination: 'total' } });
  await api.send('mapping sets: add a row that cannot be used', 'POST', next, 400, { body: { sourceType: 'EXPRESSION', source: 'uper(x)', destination: 'customer' } });
  await api.send('mapping sets: add a row to a stale version', 'POST', next, 412, { body: row('a', 'total'), headers: stale });
  const changed = await api.made('mapping sets: rows of the next version', 'GET', next, 200);
  await api.send('mapping sets: replace a row', 'PUT', `${next}/${changed[0].id}`, 200, { body: row('number', 'orderId') });
  await api.send('mapping sets: replace a row that is not there', 'PUT', `${next}/nothing`, 404, { body: row('number', 'orderId') });
  const again = await api.made('mapping sets: rows of the version after', 'GET', next, 200);
  await api.send('mapping sets: remove a row', 'DELETE', `${next}/${again[1].id}`, 200);
  await api.send('mapping sets: remove a row that is not there', 'DELETE', `${next}/nothing`, 404);
  await api.send('mapping sets: create unchecked', 'POST', conversion, 200, { body: wrong, query: { validate: 'false' } });
  await api.send('mapping sets: delete a stale version', 'DELETE', `${conversion}/${other.id}`, 412, { headers: stale });
  await api.send('mapping sets: delete', 'DELETE', `${conversion}/${other.id}`, 204);
  return made.id;
}

async function replayLanguage(api) {
  const language = '/data/foundation/conversion/languages/el';
  await api.send('language: validate', 'POST', `${language}/validate`, 200, { body: { expression: 'upper(name)', sampleData: '{"name":"Ada"}' } });
  await api.send('language: validate what is wrong', 'POST', `${language}/validate`, 200, { body: { expression: { expression: 'uper(name)' } } });
  await api.send('language: validate nothing', 'POST', `${language}/validate`, 400, { body: {} });
  await api.send('language: validate on a sample that is none', 'POST', `${language}/validate`, 400, { body: { expression: 'a', sampleData: '[1]' } });
  await api.send('language: functions', 'GET', `${language}/functions`, 200);
  await api.send('language: operators', 'GET', `${language}/operators`, 200);
}

export async function replayRegistry(api) {
  await replayLanguage(api);
  const schema = await replaySchemas(api);
  const dataset = await replayDatasets(api, schema);
  return { schema, dataset, mapping: await replayMappingSets(api, schema) };
}
