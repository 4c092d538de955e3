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

const pageSize = 100;

export const datasetName = (dataset: Dataset) => dataset.name || dataset.id;
/** A name as SQL has it. */
export const quotedName = (name: string) => `"${name.replaceAll('"', '""')}"`;
/** SQL tells neither capitals from small letters nor, to whoever reads it, a name from one with blanks around it. */
export const sameName = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();

export function useDatasets(every?: number) {
  return useQuery({
    queryKey: ['datasets'],
    refetchInterval: every,
    queryFn: async ({ signal }) => {
      const found: Dataset[] = [];
      // The catalog gives a hundred at most, and no link to the next.
      for (let start = 0, more = true; more; start += pageSize) {
        const page = await get<Record<string, any>>(`${catalog}/dataSets?limit=${pageSize}&start=${start}`, signal);
        const entries = Object.entries(page);
        found.push(...entries.map(([id, body]): Dataset => ({ id, ...body })));
        more = entries.length === pageSize;
      }
      return found.sort((a, b) => (b.updated ?? 0) - (a.updated ?? 0));
    },
  });
}

export async function schemaOf(id: string): Promise<any> {
  return get(`${registry}/tenant/schemas/${encodeURIComponent(id)}`);
}
