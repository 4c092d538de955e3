// What a set-up makes one after the other, and what becomes of it when it ends in the middle: it is known what is there, goes on
// without making anything twice, or is removed.
import { ApiError, call, flowservice, list, where } from '../api';

/** Something that is there now. */
export interface Made {
  what: string; // "dataset"
  name: string;
  path: string; // of the API
  href?: string; // its page
  perhaps?: boolean; // no answer came
}

interface Step {
  key: string; // of its Idempotency-Key
  answer?: unknown;
  made: Made;
  again?: () => Promise<void>; // asks once more, under its key
}

// Nothing says whether Headwater has done what these answer.
const unanswered = new Set([0, 502, 504]);
const isRefusal = (error: unknown) => error instanceof ApiError && !unanswered.has(error.status);
const isGone = (error: unknown) => error instanceof ApiError && error.status === 404;
// Whatever is asked next fails in the same way.
const endsAll = (error: unknown) => !isRefusal(error) || (error as ApiError).status === 401;

// There is no randomUUID on a page that came without TLS.
const randomKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Deletes them, and returns those that are still there with the reasons. Errors: none. */
export async function removed(all: Made[]): Promise<Map<Made, unknown>> {
  const left = new Map<Made, unknown>();
  let over: unknown;
  for (const one of all) {
    if (over === undefined) await call('DELETE', one.path).catch((error) => {
      if (isGone(error)) return;
      left.set(one, error);
      if (endsAll(error)) over = error;
    });
    else left.set(one, over);
  }
  return left;
}

/** Whether the reason is the thing's own, such as that something else uses it. */
export const isOwnReason = (error: unknown) => !endsAll(error);

export class Making {
  private steps = new Map<string, Step>();
  private purpose = '';
  /** When it was begun: what is sent again is the same then. */
  at = Date.now();

  /** The newest first. */
  left = (): Made[] => [...this.steps.values()].map(({ made }) => made).reverse();

  /** What was left of another purpose is removed; false: it cannot be. */
  async begin(purpose: string): Promise<boolean> {
    if (this.purpose !== purpose && this.steps.size > 0) await this.remove();
    if (this.purpose !== purpose && this.steps.size > 0) return false;
    if (this.purpose !== purpose || this.steps.size === 0) this.at = Date.now();
    this.purpose = purpose;
    return true;
  }

  /** Makes it, unless it is there. `named` says of the answer what it is; of none, what it would be. */
  async make<T>(name: string, path: string, body: () => unknown, named: (answer?: T) => Made): Promise<T> {
    const known = this.steps.get(name);
    if (known?.answer !== undefined) return known.answer as T;
    const key = known?.key ?? randomKey();
    const sent = await body();
    const ask = async () => {
      try {
        const answer = await call<T>('POST', path, { body: sent, headers: { 'Idempotency-Key': key } });
        this.steps.set(name, { key, answer, made: named(answer) });
      } catch (error) {
        if (isRefusal(error) && (error as ApiError).status !== 401) this.steps.delete(name);
        else if (!isRefusal(error)) this.steps.set(name, { key, made: { ...named(), perhaps: true }, again: ask });
        throw error;
      }
    };
    await ask();
    return this.steps.get(name)!.answer as T;
  }

  /** Removes what is there. What may be there is asked for once more: a key makes nothing twice, and tells what there is to remove. */
  async remove(): Promise<void> {
    for (const [name, { again }] of [...this.steps]) {
      if (!again) continue;
      // A dataflow would begin to run.
      if (name === 'flow') await this.findFlow();
      else await again().catch(() => undefined);
    }
    if ([...this.steps.values()].some(({ made }) => made.perhaps)) return;
    const left = await removed(this.left());
    for (const [name, { made }] of [...this.steps]) if (!left.has(made)) this.steps.delete(name);
  }

  private async findFlow(): Promise<void> {
    const { id } = this.steps.get('mapping')!.answer as { id: string };
    const found = await list(`/flows?${where(`transformations[].params.mappingId==${id}`)}&property=name`, 1).catch(() => undefined);
    if (!found) return;
    const { key, made } = this.steps.get('flow')!;
    if (found.length === 0) this.steps.delete('flow');
    else this.steps.set('flow', { key, answer: found[0], made: { ...made, path: `${flowservice}/flows/${found[0].id}`, href: `/flows/${found[0].id}`, perhaps: false } });
  }

  /** Of a refusal nothing is left, if that can be; whatever ended otherwise can be gone on with. */
  async ended(error: unknown): Promise<void> {
    if (!endsAll(error)) await this.remove();
  }
}
