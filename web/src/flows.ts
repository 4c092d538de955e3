// Flows and runs as the pages show them.
import { useQuery } from '@tanstack/react-query';
import { flowservice, list, one, get } from './api';

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

export function useFlows() {
  return useQuery({ queryKey: ['flows'], queryFn: () => list('/flows?orderby=-updatedAt'), refetchInterval: later });
}

export function useFlow(id: string) {
  return useQuery({ queryKey: ['flow', id], queryFn: () => one(`/flows/${id}`), refetchInterval: later });
}

export function useRuns(flow?: string, most = 100) {
  const path = `/runs?orderby=-createdAt${flow ? `&property=flowId==${flow}` : ''}`;
  return useQuery({
    queryKey: ['runs', flow ?? '', most],
    queryFn: async () => (await get<{ items: any[] }>(`${flowservice}${path}&limit=${most}`)).items,
    refetchInterval: ({ state }) => (state.data?.some(isRunning) || (state.data?.length ?? 0) === 0 ? soon : later),
  });
}
