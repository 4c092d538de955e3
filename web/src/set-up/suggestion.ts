// The server's proposal of rows: asked for once for a purpose, and again when somebody says so. What comes late is no answer any more.
import { useEffect, useRef, useState } from 'react';
import { call, conversion } from '../api';
import { proposedRows, type Row } from '../records';

export interface Suggestion {
  waits: boolean;
  error: unknown;
  retry(): void;
  blind: boolean; // there are no records to compare
}

/** The server's proposal; of no records there is none, and it refuses the question. Errors: ApiError. */
export async function suggested(datasetId: string, records: any[], signal?: AbortSignal): Promise<Row[]> {
  if (records.length === 0) return [];
  const { mappings } = await call<{ mappings: { source: string; destination: string }[] }>('POST', `${conversion}/mappingSets/suggestion`, { body: { datasetId, data: records.slice(0, 100) }, signal });
  return proposedRows(mappings);
}

/** `purpose`: what the rows are for; empty: nothing is asked. */
export function useSuggestion(purpose: string, datasetId: string, records: any[], take: (rows: Row[]) => void): Suggestion {
  const [{ error, told }, setTold] = useState<{ error: unknown; told: string }>({ error: undefined, told: '' });
  const [asked, setAsked] = useState(0);
  const now = useRef(take);
  now.current = take;
  useEffect(() => {
    if (!purpose) return undefined;
    const request = new AbortController();
    const { signal } = request;
    setTold({ error: undefined, told: '' });
    suggested(datasetId, records, signal).then(
      (rows) => {
        if (signal.aborted) return;
        setTold({ error: undefined, told: purpose });
        now.current(rows);
      },
      (refused) => {
        if (!signal.aborted) setTold({ error: refused, told: purpose });
      },
    );
    return () => request.abort();
  }, [purpose, asked]); // eslint-disable-line
  return { waits: purpose !== '' && told !== purpose, error: told === purpose ? error : undefined, retry: () => setAsked((count) => count + 1), blind: records.length === 0 };
}
