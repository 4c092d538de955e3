// Rejected records and what a run says about them: each is told once.
import { useQuery } from '@tanstack/react-query';
import { get, text } from './api';
import { counts } from './flows';

export const batchOf = (run: any): string | undefined => run.activities?.flatMap((activity: any) => activity.targetInfo ?? []).find((target: any) => target.reference?.type === 'Batch')?.reference?.ids?.[0];

export interface Told {
  code: string;
  message: string;
  count: number; // records; 0: the run as a whole
}

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

/** The files of rejected records and the first of these, with all that is known about each. */
export function useRejected(run: any) {
  const batch = batchOf(run);
  return useQuery({
    queryKey: ['rejected', batch],
    enabled: Boolean(batch) && (counts(run).failedRecordCount ?? 0) > 0,
    queryFn: async () => {
      const base = `/data/foundation/export/batches/${batch}`;
      const files = (await get<{ data: { name: string }[] }>(`${base}/failed`)).data;
      if (files.length === 0) return { files, records: [] };
      const lines = (await text(`${base}/failed?path=${encodeURIComponent(files[0].name)}`)).split('\n').filter(Boolean).slice(0, 20);
      const problems = (run.activities ?? []).flatMap(problemsOf) as Told[];
      const records = lines.map((line): Rejected => {
        const one = JSON.parse(line);
        const place = placed((one._errors ?? []).map((each: any) => each.message).join(' '));
        const found = { ...place, page: place.page ?? (Number(/page-(\d+)/.exec(one._filename ?? '')?.[1]) || undefined), text: String(one._corrupt_record ?? '') };
        const more = problems.filter(({ message, count }) => count === 1 && samePlace(message)(found)).map(({ message }) => placed(message).reason).filter((reason) => !found.reason.includes(reason));
        return { ...found, reason: [found.reason, ...more].join(' ') };
      });
      return { files, records };
    },
  });
}
