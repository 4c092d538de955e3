// Flows and runs as the pages show them.
import { useEffect, useRef } from 'react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { flowservice, list, listWhere, one, part, where } from './api';

/** While something is going on its page asks again in short steps. */
export const soon = 2000;
export const later = 10_000;

export const statusOf = (run: any): string => run?.metrics?.statusSummary?.status ?? run?.state ?? '';
export const isRunning = (run: any) => ['inProgress', 'scheduled'].includes(statusOf(run));
export const startedAt = (run: any): number => run?.metrics?.durationSummary?.startedAtUTC || run?.createdAt || 0;
export const tookMs = (run: any): number | undefined => {
  const { startedAtUTC: start, completedAtUTC: end } = run?.metrics?.durationSummary ?? {};
  return start ? (end || Date.now()) - start : undefined;
};
export const counts = (run: any) => run?.metrics?.recordSummary ?? {};
export const errorsOf = (run: any): { code: string; message: string }[] => run?.metrics?.statusSummary?.errors ?? [];

export const isStream = (flow: any) => Boolean(flow?.options?.inletUrl);

/** The flow's mapping among its transformations, as the engine finds it. */
export function mappingOf(flow: any): { index: number; id: string; version?: number } | undefined {
  const all: any[] = flow?.transformations ?? [];
  const index = all.findIndex(({ name, params }) => params?.mappingId && (name === 'Mapping' || !name));
  if (index < 0) return undefined;
  const { mappingId, mappingVersion } = all[index].params;
  return { index, id: mappingId, version: mappingVersion === undefined || mappingVersion === null ? undefined : Number(mappingVersion) };
}

export function scheduleText(flow: any): string {
  if (isStream(flow)) return 'As events come';
  const { frequency, interval } = flow?.scheduleParams ?? {};
  if (!frequency) return '–';
  if (frequency === 'once') return 'Once';
  return Number(interval ?? 1) === 1 ? `Every ${frequency}` : `Every ${interval} ${frequency}s`;
}

export function useFlow(id: string) {
  return useQuery({ queryKey: ['flow', id], queryFn: () => one(`/flows/${id}`), refetchInterval: later });
}

const runsAtOnce = 50;

/** The runs of a flow, the newest first; older ones when they are asked for. */
export function useRuns(flow: string) {
  const found = useInfiniteQuery({
    queryKey: ['runs', flow],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => part<any>(`${flowservice}/runs?orderby=-createdAt&${where(`flowId==${flow}`)}`, runsAtOnce, pageParam, signal),
    getNextPageParam: ({ next }) => next || undefined,
    refetchInterval: ({ state: { data } }) => {
      const newest = data?.pages[0]?.items ?? [];
      return (newest.length === 0 || newest.some(isRunning) ? soon : later) * (data?.pages.length ?? 1);
    },
  });
  const runs = found.data && [...new Map(found.data.pages.flatMap(({ items }) => items).map((run) => [run.id, run])).values()];
  return { runs, error: found.data ? null : found.error, refetch: found.refetch, more: found.hasNextPage, loading: found.isFetchingNextPage, load: () => void found.fetchNextPage() };
}

/** What flows are doing now, by flow. Whose run has ended has other details then: flows are asked for again. */
function useGoing(): Map<string, any> {
  const queries = useQueryClient();
  const { data = [] } = useQuery({
    queryKey: ['runs', 'going'],
    queryFn: () => list(`/runs?orderby=-createdAt&${where('metrics.statusSummary.status==inProgress,scheduled')}`),
    refetchInterval: ({ state }) => (state.data?.length ? soon : later),
  });
  const before = useRef<string[]>([]);
  useEffect(() => {
    const now = new Set(data.map(({ id }) => id));
    if (before.current.some((id) => !now.has(id))) void queries.invalidateQueries({ queryKey: ['flows'] });
    before.current = [...now];
  }, [data, queries]);
  return new Map([...data].reverse().map((run) => [run.flowId, run]));
}

/** The last run of each flow as far as it is known: the one that goes on, or what the flow itself tells, with its counts. */
export function useLastRuns(flows: any[]): (flow: any) => any {
  const going = useGoing();
  const known = useRef(new Map<string, any>()); // what has ended stays as it is
  // Of many the first are asked for, then the next.
  const lacking = (flows.map(({ lastRunDetails }) => lastRunDetails?.id).filter((id) => id && !known.current.has(id)) as string[]).slice(0, 500);
  useQuery({
    queryKey: ['runs', 'ended', lacking.join()],
    enabled: lacking.length > 0,
    gcTime: 0,
    queryFn: async () => {
      const found = await listWhere('runs', 'id', lacking, 'flowId,state,metrics,createdAt');
      for (const id of lacking) known.current.set(id, undefined);
      for (const run of found) known.current.set(run.id, run);
      return found.length;
    },
  });
  return ({ id, lastRunDetails: last }) =>
    going.get(id) ?? (last && (known.current.get(last.id) ?? { id: last.id, state: last.state, metrics: { statusSummary: { status: last.state }, durationSummary: last } }));
}
