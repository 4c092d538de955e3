// What a set-up has gathered so far, and how it becomes a running flow.
import { call, catalog, conversion, flowservice, list, post, registry } from '../api';
import { rememberSample } from '../flow/sample';
import { written } from '../exact';
import { isPath } from '../paths';
import { isFilled, schemaOfRows, wireRow, type Row } from '../records';
import { asksForChanges, isStreaming, labelOf, lake, type ConnectionSpec } from '../specs';
import { Making } from './making';

export interface Preview {
  schema: any;
  data: any[];
}

export interface Draft {
  account: string; // a base connection's id; empty: none yet
  params: any;
  preview?: Preview;
  previewFor: string; // what it was asked for
  dataset: { kind: 'new' | 'existing'; name: string; id: string };
  name: string;
  description: string;
  diagnostics: boolean;
  partial: number; // percent of records that may fail; 0: none
  rows: Row[];
  rowsFor: string; // which preview and dataset the rows were proposed for
  schedule: { frequency: 'once' | 'minute' | 'hour' | 'day' | 'week'; interval: number; backfill: boolean; start?: number };
}

export function firstDraft(spec: ConnectionSpec): Draft {
  const label = labelOf(spec);
  return {
    account: '', params: {}, previewFor: '', name: `${label}`, description: '', diagnostics: true, partial: 5, rows: [], rowsFor: '',
    dataset: { kind: 'new', name: label.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'records', id: '' },
    schedule: { frequency: asksForChanges(spec) ? 'hour' : 'once', interval: 1, backfill: true },
  };
}

/** The flow spec that takes this source; one with a mapping before one without. */
export async function flowSpecFor(spec: ConnectionSpec): Promise<any> {
  const { items } = await call<{ items: any[] }>('GET', `${flowservice}/flowSpecs`);
  const fitting = items.filter((one) => one.sourceConnectionSpecIds?.includes(spec.id) && one.targetConnectionSpecIds?.includes(lake));
  return fitting.find((one) => one.transformationSpecs?.some(({ name }: any) => name === 'Mapping')) ?? fitting[0];
}

const openBody = (spec: ConnectionSpec) => ({ name: labelOf(spec), auth: null, connectionSpec: { id: spec.id, version: '1.0' } });
const knownAccount = async (spec: ConnectionSpec): Promise<string> => (await list(`/connections?property=connectionSpec.id==${spec.id}`, 1))[0]?.id ?? '';

/** Asks a source that needs no credentials. Where there is no account yet, one is there for the time of the question only. */
export async function asking<T>(spec: ConnectionSpec, account: string, ask: (account: string) => Promise<T>): Promise<T> {
  const known = account || (await knownAccount(spec));
  if (known) return ask(known);
  const { id } = await post(`${flowservice}/connections`, openBody(spec));
  try {
    return await ask(id);
  } finally {
    await call('DELETE', `${flowservice}/connections/${id}`).catch(() => undefined);
  }
}

/** What the expressions among the rows give for the records that were looked at: their columns' types. */
async function resultsOf(rows: Row[], records: any[]): Promise<any[]> {
  const calculated = rows.filter((row) => isFilled(row) && !isPath(row.source.trim()));
  if (!calculated.length || !records.length) return [];
  const answers = await call<{ data: any }[]>('POST', `${conversion}/mappingSets/preview`, { body: { mappingSet: { mappings: calculated.map(wireRow) }, data: records }, exact: true });
  return answers.map(({ data }) => data);
}

const schemaType = 'application/vnd.adobe.xed-full+json;version=1';

/** The dataset's id and its schema's: of one that is there, or of a new one for what the rows fill. */
async function datasetOf(making: Making, draft: Draft): Promise<{ datasetId: string; schemaId: string }> {
  const { kind, id, name } = draft.dataset;
  if (kind === 'existing') {
    const found = await call<Record<string, any>>('GET', `${catalog}/dataSets/${id}`);
    if (!found[id]?.schemaRef?.id) throw new Error('The dataset is not there any more, or has no schema. Choose another one.');
    return { datasetId: id, schemaId: found[id].schemaRef.id };
  }
  const schemas = `${registry}/tenant/schemas`;
  const schema = await making.make<any>('schema', schemas, async () => {
    const records = (draft.preview?.data ?? []).slice(0, 100);
    return schemaOfRows(name, draft.rows, draft.preview?.schema, records, await resultsOf(draft.rows, records));
  }, (made) => ({ what: 'schema', name, path: `${schemas}/${encodeURIComponent(made?.$id)}` }));
  const idOf = (paths?: string[]) => paths?.[0]?.split('/').pop() ?? '';
  const paths = await making.make<string[]>('dataset', `${catalog}/dataSets`, () => ({ name, schemaRef: { id: schema.$id, contentType: schemaType } }), (made) => ({ what: 'dataset', name, path: `${catalog}/dataSets/${idOf(made)}`, href: made && `/datasets/${idOf(made)}` }));
  return { datasetId: idOf(paths), schemaId: schema.$id };
}

const optionsOf = ({ diagnostics, partial }: Draft) => ({ errorDiagnosticsEnabled: diagnostics, ...(partial > 0 && { partialIngestionPercent: partial }) });

function scheduleOf({ frequency, interval, backfill, start }: Draft['schedule']) {
  const startTime = Math.floor((start ?? Date.now()) / 1000) - (start ? 0 : 1);
  return frequency === 'once' ? { startTime, frequency } : { startTime, frequency, interval, backfill };
}

async function makeAll(making: Making, spec: ConnectionSpec, draft: Draft, flowSpec: any): Promise<string> {
  const { name, description } = draft;
  const connectionSpec = { id: spec.id, version: '1.0' };
  const flows = isStreaming(spec);
  const add = (step: string, what: string, path: string, body: () => any, href?: (id: string) => string) =>
    making.make<{ id: string }>(step, path, body, (made) => ({ what, name: step === 'account' ? labelOf(spec) : name, path: `${path}/${made?.id}`, href: made && href?.(made.id) }));
  const { datasetId, schemaId } = await datasetOf(making, draft);
  const mapping = await add('mapping', 'mapping', `${conversion}/mappingSets`, () => ({ name, outputSchema: { schemaRef: { id: schemaId, contentType: schemaType } }, mappings: draft.rows.filter(isFilled).map(wireRow) }));
  let account = draft.account;
  // One that was made, or sent, before is not looked for again: somebody may have made another one meanwhile.
  if (!account && !flows && !making.has('source')) {
    account = making.has('account') ? '' : await knownAccount(spec);
    account ||= (await add('account', 'account', `${flowservice}/connections`, () => openBody(spec), () => '/accounts')).id;
  }
  const source = await add('source', 'source connection', `${flowservice}/sourceConnections`, () => ({ name, ...(account && { baseConnectionId: account }), connectionSpec, data: { format: 'json' }, ...(!flows && { params: draft.params }) }));
  const target = await add('target', 'target connection', `${flowservice}/targetConnections`, () => ({ name, connectionSpec: { id: lake, version: '1.0' }, data: { format: 'parquet_xdm', schema: { id: schemaId, version: schemaType } }, params: { dataSetId: datasetId } }));
  const flow = await add('flow', 'dataflow', `${flowservice}/flows`, () => ({
    name,
    ...(description && { description }),
    flowSpec: { id: flowSpec.id, version: '1.0' },
    sourceConnectionIds: [source.id],
    targetConnectionIds: [target.id],
    transformations: [{ name: 'Mapping', params: { mappingId: mapping.id, mappingVersion: 0 } }],
    ...(!flows && { scheduleParams: scheduleOf(draft.schedule) }),
    options: optionsOf(draft),
  }), (id) => `/flows/${id}`);
  if (flows && draft.preview?.data[0]) rememberSample(flow.id, written(draft.preview.data[0]));
  return flow.id;
}

const trimmed = (typed: Draft): Draft => ({ ...typed, name: typed.name.trim(), description: typed.description.trim(), dataset: { ...typed.dataset, name: typed.dataset.name.trim() } });

/** What tells settings from others. */
export const purposeOf = (spec: ConnectionSpec, typed: Draft, flowSpec: any): string => written([spec.id, flowSpec?.id, trimmed(typed)]);

/**
 * Creates everything that the flow needs and then the flow; its id. What was made before a refusal is removed again; what is left all
 * the same, or of an end in the middle, `making` tells: with the same draft it goes on there. While it goes on, it is not begun again.
 */
export const create = (spec: ConnectionSpec, typed: Draft, flowSpec: any, making = new Making()): Promise<string> => making.once('create', async () => {
  if (!flowSpec) throw new Error('Which flow spec takes this source is not known: it could not be read. Load the page again.');
  if (!(await making.begin(purposeOf(spec, typed, flowSpec)))) {
    throw new Error(making.left().some(({ what, perhaps }) => what === 'dataflow' && !perhaps) ? 'The dataflow of the settings before is there after all. Remove it first, or keep it.' : 'What was left of the settings before could not be removed.');
  }
  if (making.flow) return making.flow;
  try {
    const id = await makeAll(making, spec, trimmed(typed), flowSpec);
    making.finish(id);
    return id;
  } catch (error) {
    await making.ended(error);
    throw error;
  }
});
