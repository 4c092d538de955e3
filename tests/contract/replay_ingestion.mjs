// Batches and their files: what a run left, and what is uploaded.
import { until } from './servers.mjs';

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

async function replayUpload(api, dataset) {
  const imports = '/data/foundation/import/batches';
  const start = { datasetId: dataset, inputFormat: { format: 'json' } };
  const batch = await api.made('uploads: create a batch', 'POST', imports, 201, { body: start });
  await api.send('uploads: create without a dataset', 'POST', imports, 400, { body: { inputFormat: { format: 'json' } } });
  await api.send('uploads: create for an unknown dataset', 'POST', imports, 400, { body: { ...start, datasetId: 'x' } });
  const files = `${imports}/${batch.id}/datasets/${dataset}/files`;
  const bytes = { type: 'application/octet-stream', text: '{"orderId":900,"customer":"Ada"}\n' };
  await api.send('uploads: a new file', 'PUT', `${files}/a.json`, 201, bytes);
  await api.send('uploads: the file again', 'PUT', `${files}/a.json`, 200, bytes);
  await api.send('uploads: a form', 'PUT', `${files}/b.json`, 415, { ...bytes, type: 'multipart/form-data; boundary=x' });
  await api.send('uploads: begin a large file', 'POST', `${files}/deep/c.json`, 200, { query: { action: 'INITIALIZE' } });
  await api.send('uploads: an unknown action', 'POST', `${files}/deep/c.json`, 400, { query: { action: 'dance' } });
  const range = (text) => ({ ...bytes, headers: { 'Content-Range': text } });
  await api.send('uploads: a part', 'PATCH', `${files}/deep/c.json`, 200, range(`bytes 0-${bytes.text.length - 1}/${bytes.text.length}`));
  await api.send('uploads: a part without a range', 'PATCH', `${files}/deep/c.json`, 400, { ...bytes });
  await api.send('uploads: how much is there', 'HEAD', `${files}/deep/c.json`, 200);
  await api.send('uploads: complete a large file', 'POST', `${files}/deep/c.json`, 200, { query: { action: 'COMPLETE' } });
  await api.send('uploads: preview', 'GET', `${imports}/${batch.id}/datasets/${dataset}/preview`, 200, { query: { nrow: '1' } });
  const suggestion = '/data/foundation/conversion/mappingSets/suggestion';
  await api.send('mapping sets: suggestion', 'GET', suggestion, 200, { query: { datasetId: dataset, batchId: batch.id, excludeUnmapped: 'false' } });
  await api.send('mapping sets: suggestion for records', 'POST', suggestion, 200, { body: { datasetId: dataset, data: [{ id: 1, name: 'Ada' }] } });
  await api.send('mapping sets: suggestion without records', 'POST', suggestion, 400, { body: { datasetId: dataset, data: [] } });
  await api.send('mapping sets: suggestion without a batch', 'GET', suggestion, 400, { query: { datasetId: dataset } });
  await api.send('uploads: an unknown action on a batch', 'POST', `${imports}/${batch.id}`, 400, { query: { action: 'dance' } });
  await api.send('uploads: complete', 'POST', `${imports}/${batch.id}`, 200, { query: { action: 'COMPLETE' } });
  await api.send('uploads: a file too late', 'PUT', `${files}/a.json`, 409, bytes);
  await until('the upload', async () => (await api.made('batches: uploaded', 'GET', `${catalog}/batches/${batch.id}`, 200))[batch.id].status === 'success');
  await api.send('datasets: files', 'GET', `${catalog}/dataSetFiles`, 200, { query: { dataSetId: dataset, limit: '5' } });
  await api.send('datasets: files of no dataset', 'GET', `${catalog}/dataSetFiles`, 400);
  await api.send('uploads: revert', 'POST', `${imports}/${batch.id}`, 200, { query: { action: 'REVERT' } });
  await api.send('batches: delete', 'DELETE', `${catalog}/batches/${batch.id}`, 200);
}

export async function replayIngestion(api, { run, dataset }) {
  const batches = `${catalog}/batches`;
  const batch = run.activities.at(-1).targetInfo[0].reference.ids[0];
  await api.send('batches: list', 'GET', batches, 200, { query: { dataSet: dataset, orderBy: 'desc:created' } });
  await api.send('batches: list of chosen members', 'GET', batches, 200, { query: { properties: 'status', status: 'success' } });
  await api.send('batches: list after no time', 'GET', batches, 400, { query: { createdAfter: 'x' } });
  await api.send('batches: lookup', 'GET', `${batches}/${batch}`, 200);
  await replayDataAccess(api, batch, dataset);
  await replayUpload(api, dataset);
}
