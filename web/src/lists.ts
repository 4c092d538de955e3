// Lists of the Flow Service that may be longer than what is shown at once.
import { useEffect } from 'react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { flowservice, get, part } from './api';
import { number } from './format';

const atOnce = 500;
/** What is searched goes through so many at most; more would be no list to read. */
const wholeMost = 10_000;
const every = 10_000;

/** How many there are. */
export const countOf = async (path: string): Promise<number> => (await get<{ count: number }>(`${flowservice}${path}${path.includes('?') ? '&' : '?'}count=true`)).count;

export interface Listed {
  items: any[];
  total?: number; // undefined: nobody has asked yet
  more: boolean;
  loading: boolean; // the next part
  load(): void;
}

/**
 * The first part of a list, further ones when they are asked for, all of them when `whole`: something is searched for.
 * `isOfAnother`: what is there is still of the path before.
 */
export function useList(key: string, path: string, whole = false) {
  const found = useInfiniteQuery({
    queryKey: [key, path],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => part<any>(flowservice + path, atOnce, pageParam, signal),
    getNextPageParam: ({ next }) => next || undefined,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => every * Math.max(1, state.data?.pages.length ?? 1),
  });
  const { data, hasNextPage: more, isFetching, isFetchingNextPage, isError, isPlaceholderData, fetchNextPage } = found;
  const parts = data?.pages.length ?? 0;
  useEffect(() => {
    if (whole && more && !isFetching && !isError && !isPlaceholderData && parts * atOnce < wholeMost) void fetchNextPage();
  }, [whole, more, isFetching, isError, isPlaceholderData, parts]); // eslint-disable-line
  const total = useQuery({ queryKey: [key, 'count', path], enabled: more, queryFn: () => countOf(path) });
  // What changes while the parts are asked for can stand in two of them.
  const items = [...new Map((data?.pages ?? []).flatMap((one) => one.items).map((one) => [one.id, one])).values()];
  const listed: Listed = { items, total: more ? total.data : items.length, more, loading: isFetchingNextPage, load: () => void fetchNextPage() };
  return { ...listed, loaded: data !== undefined, isOfAnother: isPlaceholderData, error: data ? undefined : found.error, refetch: found.refetch };
}

/** "500 of 620 dataflows": what is shown, of all that there are. */
export function countText(shown: number, { items, total, more }: Listed, what: string): string {
  if (!more) return `${number(shown)} of ${number(items.length)} ${what}`;
  const all = total === undefined ? `more than ${number(items.length)}` : number(total);
  return shown === items.length ? `${number(shown)} of ${all} ${what}` : `${number(shown)} of ${number(items.length)} ${what} that are loaded, of ${all}`;
}
