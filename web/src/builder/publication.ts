// What publishing a spec does: it is registered or replaced, and the flow spec of its kind takes it, as `headwater source publish` does.
import { ApiError, call, flowservice, get, list, one, post } from '../api';
import { streamingProvider, versionOf, type ConnectionSpec } from '../specs';

export interface Stored {
  id: string;
  etag: string;
}

export const isStale = (error: unknown) => error instanceof ApiError && error.status === 412;

/** What the server's own members of a stored spec are: not the author's. */
export function authored(spec: any): any {
  const { createdAt: _1, updatedAt: _2, createdBy: _3, updatedBy: _4, createdClient: _5, updatedClient: _6, sandboxId: _7, sandboxName: _8, imsOrgId: _9, etag: _10, ...rest } = spec;
  return rest;
}

/** Sources of one name and version cannot be told from each other. */
export const isNamesake = (one: any, other: any) => one.name === other.name && versionOf(one) === versionOf(other);

/** Whether another source than the one of this id has the name and version. */
export async function hasNamesake(document: any, id: string): Promise<boolean> {
  const { items } = await get<{ items: ConnectionSpec[] }>(`${flowservice}/connectionSpecs`);
  return items.some((one) => one.id !== id && isNamesake(one, document));
}

/** Registers a new spec; replaces the one of the id while it has this etag. */
export async function register(document: any, id: string, etag: string): Promise<Stored> {
  if (id) return call('PUT', `${flowservice}/connectionSpecs/${id}`, { body: document, etag });
  const answer = await post(`${flowservice}/connectionSpecs`, document);
  return answer.items?.[0] ?? answer;
}

const batchFlowSpec = '6499120c-0b15-42dc-936e-847ea3c24d72';
const streamingFlowSpec = 'e77fde5a-22a8-11ed-861d-0242ac120002';
const attempts = 5;

const takenBy = (flowSpec: any): string[] => (Array.isArray(flowSpec.sourceConnectionSpecIds) ? flowSpec.sourceConnectionSpecIds : []);

/** Whether dataflows of any kind can have the source: those that come with Headwater are not all of the kind that their provider says. */
export const isAdmitted = async (specId: string): Promise<boolean> => (await list('/flowSpecs')).some((flowSpec) => takenBy(flowSpec).includes(specId));

/** Lets dataflows have the source; whether they could not before. Others may change the flow spec's list at the same time. */
export async function admit(specId: string, document: any): Promise<boolean> {
  const id = document.providerId === streamingProvider ? streamingFlowSpec : batchFlowSpec;
  for (let left = attempts; ; --left) {
    const { etag, ...flowSpec } = await one(`/flowSpecs/${id}`, true);
    const ids = takenBy(flowSpec);
    if (ids.includes(specId)) return false;
    try {
      await call('PUT', `${flowservice}/flowSpecs/${id}`, { body: { ...flowSpec, sourceConnectionSpecIds: [...ids, specId] }, etag });
      return true;
    } catch (error) {
      if (!isStale(error) || left === 1) throw error;
    }
  }
}
