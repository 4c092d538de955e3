// What a set-up makes one after the other, and what becomes of it when it ends in the middle: it is known what is there, goes on
// without making anything twice, or is removed.
import { ApiError, call, flowservice, list, scope, where } from '../api';

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
  sent: unknown; // under this key nothing else may be sent
  answer?: unknown;
  made: Made;
  again?: () => Promise<void>; // asks once more, under its key
}

// Nothing says whether Headwater has done what these answer.
const unanswered = new Set([0, 502, 504]);
const isRefusal = (error: unknown) => error instanceof ApiError && !unanswered.has(error.status);
const isGone = (error: unknown) => error instanceof ApiError && error.status === 404;
// A refusal of what was sent itself: it has not been made before, either. One that only came too soon says nothing of that.
const tooSoon = new Set([401, 408, 409, 425, 429]);
const isOfAsked = (error: unknown) => error instanceof ApiError && error.status >= 400 && error.status < 500 && !tooSoon.has(error.status);
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
export const isOwnReason = (error: unknown) => error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 401;

type Going = 'create' | 'remove';

/** How far it is, for whoever shows it. */
export interface Progress {
  going?: Going;
  error?: unknown; // of what was done last
  left: Made[]; // the newest first
}

const placeNow = () => `${scope.org}/${scope.sandbox}`;

export class Making {
  private place = placeNow();
  private steps = new Map<string, Step>();
  private purpose = '';
  private running?: { what: Going; end: Promise<unknown> };
  private watchers = new Set<() => void>();
  /** The dataflow that came of it: nothing is left then. */
  flow?: string;
  progress: Progress = { left: [] };

  /** Calls when `progress` is another one. */
  watch = (watcher: () => void) => {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  };

  /** Whether anybody looks at it. */
  isWatched = () => this.watchers.size > 0;

  /** The newest first. */
  left = (): Made[] => [...this.steps.values()].map(({ made }) => made).reverse();

  /** Whether what there is was made for it. */
  isFor = (purpose: string) => this.purpose === purpose;

  has = (name: string) => this.steps.has(name);

  /** One thing at a time; what goes on already is not begun again, whoever asks. */
  once<T>(what: Going, act: () => Promise<T>): Promise<T> {
    if (this.running?.what === what) return this.running.end as Promise<T>;
    const before = this.running?.end;
    const running: typeof this.running = { what, end: Promise.resolve() };
    const end = (async () => {
      let error: unknown;
      try {
        await before?.catch(() => undefined);
        return await act();
      } catch (refused) {
        error = refused;
        throw refused;
      } finally {
        if (this.running === running) {
          this.running = undefined;
          this.tell({ error, left: this.left() });
        }
      }
    })();
    running.end = end;
    this.running = running;
    this.tell({ going: what, left: what === 'create' ? [] : this.left() });
    return end;
  }

  private tell(progress: Progress) {
    this.progress = progress;
    for (const watcher of this.watchers) watcher();
  }

  /** What was left of another purpose is removed, but for a dataflow that is there; false: something stays. */
  async begin(purpose: string): Promise<boolean> {
    if (this.purpose === purpose) return true;
    if (this.steps.size > 0) await this.removeLeft({ flowToo: false });
    if (this.steps.size > 0) return false;
    this.flow = undefined;
    this.purpose = purpose;
    return true;
  }

  /** Everything is made, and stays. */
  finish(flow: string) {
    this.flow = flow;
    this.steps.clear();
  }

  /** Makes it, unless it is there. `named` says of the answer what it is; of none, what it would be. */
  async make<T>(name: string, path: string, body: () => unknown, named: (answer?: T) => Made): Promise<T> {
    const known = this.steps.get(name);
    if (known?.answer !== undefined) return known.answer as T;
    const key = known?.key ?? randomKey();
    const sent = known ? known.sent : await body();
    // It goes on when one leaves; what it makes belongs together all the same.
    if (placeNow() !== this.place) throw new Error('Another sandbox was chosen before everything was made.');
    const ask = async () => {
      const before = this.steps.get(name);
      this.steps.set(name, { key, sent, made: { ...named(), perhaps: true }, again: ask });
      try {
        const answer = await call<T>('POST', path, { body: sent, headers: { 'Idempotency-Key': key } });
        this.steps.set(name, { key, sent, answer, made: named(answer) });
      } catch (error) {
        // Of one that was asked for before, no answer came then.
        if (before ? isOfAsked(error) : isRefusal(error)) this.steps.delete(name);
        throw error;
      }
    };
    await ask();
    return this.steps.get(name)!.answer as T;
  }

  /** Removes what is left. Errors: something stays. */
  remove = (): Promise<void> => this.once('remove', async () => {
    await this.removeLeft();
    if (this.steps.size > 0) throw new Error('Not everything could be removed.');
  });

  /** What may be there is asked for once more: a key makes nothing twice, and tells what there is to remove. */
  private async removeLeft({ flowToo = true } = {}): Promise<void> {
    if (placeNow() !== this.place) return; // another sandbox was chosen: it is not there
    for (const [name, { again }] of [...this.steps]) {
      if (!again) continue;
      // A dataflow would begin to run.
      if (name === 'flow') await this.findFlow();
      else await again().catch(() => undefined);
    }
    const flow = this.steps.get('flow');
    if ((flow && !flowToo) || [...this.steps.values()].some(({ made }) => made.perhaps)) return;
    // A dataflow that stays keeps what it needs.
    if (flow && (await removed([flow.made])).size > 0) return;
    this.steps.delete('flow');
    const left = await removed(this.left());
    for (const [name, { made }] of [...this.steps]) if (!left.has(made)) this.steps.delete(name);
  }

  private async findFlow(): Promise<void> {
    const { id } = this.steps.get('mapping')!.answer as { id: string };
    const found = await list(`/flows?${where(`transformations[].params.mappingId==${id}`)}&property=name`, 1).catch(() => undefined);
    if (!found) return;
    const { key, sent, made } = this.steps.get('flow')!;
    if (found.length === 0) this.steps.delete('flow');
    else this.steps.set('flow', { key, sent, answer: found[0], made: { ...made, path: `${flowservice}/flows/${found[0].id}`, href: `/flows/${found[0].id}`, perhaps: false } });
  }

  /** Of a refusal nothing is left, if that can be; whatever ended otherwise, or is there after all, can be gone on with. */
  async ended(error: unknown): Promise<void> {
    if (!endsAll(error)) await this.removeLeft({ flowToo: false });
  }
}
