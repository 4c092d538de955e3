// What a set-up has gathered so far, and how it becomes a running flow.
import { call, catalog, conversion, flowservice, list, post, registry } from '../api';
import { isPath } from '../paths';
import { isFilled, schemaOfRows, wireRow, type Row } from '../records';
import { isStreaming, labelOf, lake, type ConnectionSpec } from '../specs';

export interface Preview {
  schema: any;
  data: any[];
}

export interface Draft {
  account: string; // a base connection's id; empty: none yet
  params: any;
  preview?: Preview;
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
    account: '', params: {}, name: `${label}`, description: '', diagnostics: true, partial: 5, rows: [], rowsFor: '',
    dataset: { kind: 'new', name: label.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'records', id: '' },
    schedule: { frequency: 'hour', interval: 1, backfill: true },
  };
}

export const units = { minute: 60, hour: 3600, day: 86400, week: 604800 } as const;

/** When the next runs are due, in milliseconds. */
export function nextRuns({ frequency, interval, start }: Draft['schedule'], count: number, now = Date.now()): number[] {
  const first = start ?? now;
  if (frequency === 'once') return [first];
  const step = Math.max(1, interval) * units[frequency] * 1000;
  const skipped = first >= now ? 0 : Math.ceil((now - first) / step);
  return Array.from({ length: count }, (_, index) => first + (skipped + index) * step);
}

/** The flow spec that takes this source; one with a mapping before one without. */
export async function flowSpecFor(spec: ConnectionSpec): Promise<any> {
  const { items } = await call<{ items: any[] }>('GET', `${flowservice}/flowSpecs`);
  const fitting = items.filter((one) => one.sourceConnectionSpecIds?.includes(spec.id) && one.targetConnectionSpecIds?.includes(lake));
  return fitting.find((one) => one.transformationSpecs?.some(({ name }: any) => name === 'Mapping')) ?? fitting[0];
}

/** The account's id of a source that needs no credentials: the first there is, or a new one. */
export async function openAccount(spec: ConnectionSpec): Promise<string> {
  const known = await list(`/connections?property=connectionSpec.id==${spec.id}`, 1);
  if (known.length) return known[0].id;
  return (await post(`${flowservice}/connections`, { name: labelOf(spec), auth: null, connectionSpec: { id: spec.id, version: '1.0' } })).id;
}

/** What the expressions among the rows give for the records that were looked at: their columns' types. */
async function resultsOf(rows: Row[], records: any[]): Promise<any[]> {
  const calculated = rows.filter((row) => isFilled(row) && !isPath(row.source.trim()));
  if (!calculated.length || !records.length) return [];
  const answers = await post<{ data: any }[]>(`${conversion}/mappingSets/preview`, { mappingSet: { mappings: calculated.map(wireRow) }, data: records });
  return answers.map(({ data }) => data);
}

interface Made {
  method: 'DELETE';
  path: string;
}

/** Creates everything that the flow needs and then the flow; what was created before a refusal is removed again. */
export async function create(spec: ConnectionSpec, draft: Draft, flowSpec: any): Promise<string> {
  const made: Made[] = [];
  const add = (path: string) => made.unshift({ method: 'DELETE', path });
  try {
    let datasetId = draft.dataset.id;
    let schemaId: string;
    if (draft.dataset.kind === 'new') {
      const records = (draft.preview?.data ?? []).slice(0, 100);
      const results = await resultsOf(draft.rows, records);
      const schema = await post(`${registry}/tenant/schemas`, schemaOfRows(draft.dataset.name, draft.rows, draft.preview?.schema, records, results));
      schemaId = schema.$id;
      add(`${registry}/tenant/schemas/${encodeURIComponent(schemaId)}`);
      const [path] = await post<string[]>(`${catalog}/dataSets`, { name: draft.dataset.name, schemaRef: { id: schemaId, contentType: 'application/vnd.adobe.xed-full+json;version=1' } });
      datasetId = path.split('/').pop()!;
      add(`${catalog}/dataSets/${datasetId}`);
    } else {
      const found = await call<Record<string, any>>('GET', `${catalog}/dataSets/${datasetId}`);
      schemaId = found[datasetId].schemaRef.id;
    }
    const schemaRef = { id: schemaId, contentType: 'application/vnd.adobe.xed-full+json;version=1' };
    const mapping = await post(`${conversion}/mappingSets`, { name: draft.name, outputSchema: { schemaRef }, mappings: draft.rows.filter(isFilled).map(wireRow) });
    add(`${conversion}/mappingSets/${mapping.id}`);
    const connectionSpec = { id: spec.id, version: '1.0' };
    const source = await post(`${flowservice}/sourceConnections`, { name: draft.name, ...(draft.account && { baseConnectionId: draft.account }), connectionSpec, data: { format: 'json' }, ...(!isStreaming(spec) && { params: draft.params }) });
    add(`${flowservice}/sourceConnections/${source.id}`);
    const target = await post(`${flowservice}/targetConnections`, { name: draft.name, connectionSpec: { id: lake, version: '1.0' }, data: { format: 'parquet_xdm', schema: { id: schemaId, version: schemaRef.contentType } }, params: { dataSetId: datasetId } });
    add(`${flowservice}/targetConnections/${target.id}`);
    const { frequency, interval, backfill, start } = draft.schedule;
    const startTime = Math.floor((start ?? Date.now()) / 1000) - (start ? 0 : 1);
    const flow = await post(`${flowservice}/flows`, {
      name: draft.name,
      ...(draft.description && { description: draft.description }),
      flowSpec: { id: flowSpec.id, version: '1.0' },
      sourceConnectionIds: [source.id],
      targetConnectionIds: [target.id],
      transformations: [{ name: 'Mapping', params: { mappingId: mapping.id, mappingVersion: 0 } }],
      ...(!isStreaming(spec) && { scheduleParams: frequency === 'once' ? { startTime, frequency } : { startTime, frequency, interval, backfill } }),
      options: { errorDiagnosticsEnabled: draft.diagnostics, ...(draft.partial > 0 && { partialIngestionPercent: draft.partial }) },
    });
    return flow.id;
  } catch (error) {
    for (const { method, path } of made) await call(method, path).catch(() => undefined);
    throw error;
  }
}
