// Batches and their files: what a run left.
const catalog = '/data/foundation/catalog';
const access = '/data/foundation/export';

async function replayDataAccess(api, batch, dataset) {
  const one = `${access}/batches/${batch}`;
  const { data: [entry] } = await api.made('data access: files of a batch', 'GET', `${one}/files`, 200, { query: { limit: '5' } });
  await api.send('data access: meta', 'GET', `${one}/meta`, 200);
  for (const path of ['input_files', 'row_errors']) await api.send(`data access: ${path}`, 'GET', `${one}/meta`, 200, { query: { path } });
  await api.send('data access: samples of rejected records', 'GET', `${one}/meta`, 200, { query: { path: 'row_error_samples.json' } });
  await api.send('data access: a kind that is not there', 'GET', `${one}/meta`, 404, { query: { path: 'nothing' } });
  const failed = await api.made('data access: failed files', 'GET', `${one}/failed`, 200);
  const rejected = { path: failed.data[0].name };
  await api.send('data access: a failed file', 'GET', `${one}/failed`, 200, { query: rejected });
  await api.send('data access: a failed file that is not there', 'GET', `${one}/failed`, 404, { query: { path: 'nothing' } });
  const file = `${access}/files/${entry.dataSetFileId}`;
  const { data: [part] } = await api.made('data access: parts of a file', 'GET', file, 200);
  const query = { path: part.name };
  await api.send('data access: a part', 'GET', file, 200, { query });
  await api.send('data access: a range of a part', 'GET', file, 206, { query, headers: { Range: 'bytes=0-3' } });
  await api.send('data access: a range past the end', 'GET', file, 416, { query, headers: { Range: 'bytes=99999999-' } });
  await api.send('data access: a part that is not there', 'GET', file, 404, { query: { path: 'nothing' } });
  await api.send('data access: preview', 'GET', `${access}/datasets/${dataset}/preview`, 200);
}

export async function replayIngestion(api, { run, dataset }) {
  const batches = `${catalog}/batches`;
  const batch = run.activities.at(-1).targetInfo[0].reference.ids[0];
  await api.send('batches: list', 'GET', batches, 200, { query: { dataSet: dataset, orderBy: 'desc:created' } });
  await api.send('batches: list of chosen members', 'GET', batches, 200, { query: { properties: 'status', status: 'success' } });
  await api.send('batches: list after no time', 'GET', batches, 400, { query: { createdAfter: 'x' } });
  await api.send('batches: lookup', 'GET', `${batches}/${batch}`, 200);
  await replayDataAccess(api, batch, dataset);
}
