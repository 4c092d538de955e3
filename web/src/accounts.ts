// What is asked of an account's source.
import { ApiError, base64, call, flowservice, get } from './api';
import { written } from './exact';

/** The first page of what the params name: its schema and its records. */
export const explore = (account: string, params: unknown, signal?: AbortSignal) =>
  call<{ schema: any; data?: any[] }>('GET', `${flowservice}/connections/${account}/explore?objectType=rest&object=json&fileType=json&preview=true&sourceParams=${encodeURIComponent(base64(written(params ?? {})))}`, { signal, exact: true });

const reasonWithin = 8000;

/** Asks whether the source accepts the account. Errors: ApiError, with what the source answered as far as that can be told. */
export async function testAccount(id: string): Promise<void> {
  const { result } = await get<{ result: boolean }>(`${flowservice}/connections/${id}/test`);
  if (result) return;
  // The test says only that it failed; a look at the source is the same request, and tells why. Inputs are not known here: that they
  // are missing is no reason.
  const why = await explore(id, {}, AbortSignal.timeout(reasonWithin)).then(() => '', (error) => (error instanceof ApiError && error.status && !`${error.where} ${error.message}`.includes('sourceParams') ? error.message : ''));
  throw new ApiError(400, why ? `The source does not accept the account. ${why}` : 'The source does not accept the account, or cannot be reached.');
}
