import { useQuery } from '@tanstack/react-query';
import { catalog, get, registry } from './api';

export interface Dataset {
  id: string;
  name?: string;
  description?: string;
  created?: number;
  updated?: number;
  schemaRef?: { id: string };
  [member: string]: any;
}

export const datasetName = (dataset: Dataset) => dataset.name || dataset.id;

export function useDatasets(every?: number) {
  return useQuery({
    queryKey: ['datasets'],
    refetchInterval: every,
    queryFn: async ({ signal }) => {
      const found = await get<Record<string, any>>(`${catalog}/dataSets?limit=100`, signal);
      return Object.entries(found).map(([id, body]): Dataset => ({ id, ...body })).sort((a, b) => (b.updated ?? 0) - (a.updated ?? 0));
    },
  });
}

export async function schemaOf(id: string): Promise<any> {
  return get(`${registry}/tenant/schemas/${encodeURIComponent(id)}`);
}
