// Rejected records and what a run says about them: each is told once.
import { useQuery } from '@tanstack/react-query';
import { catalog, firstLines, get, where } from './api';
import { counts } from './flows';

export const batchOf = (run: any): string | undefined => run.activities?.flatMap((activity: any) => activity.targetInfo ?? []).find((target: any) => target.reference?.type === 'Batch')?.reference?.ids?.[0];

export interface Told {
  code: string;
  message: string;
  count: number; // records, or values; 0: the run as a whole
}

/** A row of the mapping that gives no value counts for itself: a record may have several. */
export const isOfValues = ({ code }: Told) => /^MAPPER-3700/.test(code);

export interface Rejected {
  page?: number;
  record?: number;
  reason: string;
  text: string;
}

// "Page 3, record 17 (217 of the run): total is no number".
const placed = (message: string) => {
  const [, page, record, reason] = /^page (\d+), record (\d+)(?: \(\d+ of the run\))?: ?(.*)$/is.exec(message) ?? [];
  return { page: Number(page) || undefined, record: Number(record) || undefined, reason: reason ?? message };
};
const samePlace = (message: string) => {
  const { page, record } = placed(message);
  return (one: Rejected) => page !== undefined && one.page === page && one.record === record;
};

/** The activity's problems without repetition: the API tells a rejected record as part of a sum, of a group and as itself. */
export function problemsOf(activity: any): Told[] {
  const all: any[] = [...(activity?.statusSummary?.extensions?.errors ?? []), ...(activity?.statusSummary?.errors ?? [])];
  const told: Told[] = [];
  for (const { code, message, recordCount = 0 } of all) {
    const own = message.replace(/^First of \d+: /, '');
    if (!told.some((one) => one.message === own)) told.push({ code, message: own, count: recordCount });
  }
  const isSum = ({ code }: Told) => /^INGEST-121[12]-/.test(code);
  const inAnother = (one: Told) => told.some((other) => other !== one && other.count === one.count && other.message.length > one.message.length && other.message.endsWith(placed(one.message).reason));
  const grouped = told.some((one) => one.count > 0 && !isSum(one));
  return told.filter((one) => !(grouped && isSum(one)) && !inAnother(one));
}

/** What the table of rejected records does not tell already. */
export const untold = (problems: Told[], listed: Rejected[]) => problems.filter(({ message, count }) => count !== 1 || !listed.some(samePlace(message)));

/** A batch that has rejected records, and the files of these. */
export interface RejectedBatch {
  id: string;
  failed: number;
  at: number;
  files: string[];
  replayed?: { state: string; events?: number; at: number };
}

export const rejectedAtOnce = 20;
const batchesMost = 50;

const folder = (batch: string) => `/data/foundation/export/batches/${batch}/failed`;
export const rejectedFile = (batch: string, name: string) => `${folder(batch)}?path=${encodeURIComponent(name)}`;

// A stream's run is an hour of batches, each with what it rejected; any other run has one.
async function batchesOf(run: any): Promise<Omit<RejectedBatch, 'files'>[]> {
  if (run.trigger !== 'stream') return [batchOf(run)].filter(Boolean).map((id) => ({ id: id!, failed: counts(run).failedRecordCount, at: 0 }));
  const conditions = [`tags.flowRunId[]==${run.id}`, 'metrics.failedRecordCount>0'].map(where).join('&');
  const found = await get<Record<string, any>>(`${catalog}/batches?limit=${batchesMost}&createdAfter=${run.createdAt - 1}&${conditions}`);
  return Object.entries(found)
    .map(([id, { metrics, created, replay }]) => ({ id, failed: metrics?.failedRecordCount ?? 0, at: created, replayed: replay }))
    .sort((a, b) => b.at - a.at);
}

/** The batches with rejected records, the newest first, and the first of the records, with all that is known about each. */
export function useRejected(run: any) {
  const failed = counts(run).failedRecordCount ?? 0;
  return useQuery({
    queryKey: ['rejected', run.id, batchOf(run), failed],
    enabled: Boolean(batchOf(run)) && failed > 0,
    placeholderData: (before) => before,
    queryFn: async () => {
      const batches = await Promise.all((await batchesOf(run)).map(async (batch): Promise<RejectedBatch> => ({ ...batch, files: (await get<{ data: { name: string }[] }>(folder(batch.id))).data.map(({ name }) => name) })));
      const problems = (run.activities ?? []).flatMap(problemsOf) as Told[];
      const records: Rejected[] = [];
      let tooLong = false;
      for (const { id, files } of batches) {
        if (records.length >= rejectedAtOnce || files.length === 0) continue;
        const read = await firstLines(rejectedFile(id, files[0]), rejectedAtOnce - records.length);
        records.push(...read.lines.map((line) => rejectedOf(JSON.parse(line), problems)));
        tooLong ||= read.tooLong;
      }
      return { batches, records, tooLong };
    },
  });
}

function rejectedOf(one: any, problems: Told[]): Rejected {
  const place = placed((one._errors ?? []).map((each: any) => each.message).join(' '));
  const found = { ...place, page: place.page ?? (Number(/page-(\d+)/.exec(one._filename ?? '')?.[1]) || undefined), text: String(one._corrupt_record ?? '') };
  const more = problems.filter(({ message, count }) => count === 1 && samePlace(message)(found)).map(({ message }) => placed(message).reason).filter((reason) => !found.reason.includes(reason));
  return { ...found, reason: [found.reason, ...more].join(' ') };
}
