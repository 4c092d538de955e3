// The preview calls the source: once for each account, set of parameters and spec, and when one asks again.
import { useEffect, useMemo, useRef, useState, type Dispatch, type SetStateAction } from 'react';
import { explore } from '../accounts';
import { written } from '../exact';
import { isComplete } from '../forms/schema-form';
import { isStreaming, type ConnectionSpec } from '../specs';
import { asking, type Draft } from './draft';

const stopped = new Error('You stopped waiting for the source.');

export const hasNoForm = ({ sourceSpec }: ConnectionSpec) => Object.keys(sourceSpec?.spec?.properties ?? {}).length === 0;

/** Whether the inputs that the source requires are there. */
export const hasParams = (spec: ConnectionSpec, { params }: Draft) => isStreaming(spec) || hasNoForm(spec) || isComplete(spec.sourceSpec?.spec, params);

/** `fits`: the draft's preview is of what the draft says now. It is asked for while `shown`, if it does not fit. */
export function usePreview(spec: ConnectionSpec, draft: Draft, setDraft: Dispatch<SetStateAction<Draft>>, shown: boolean) {
  const [error, setError] = useState<unknown>();
  const [asked, setAsked] = useState(0);
  const stop = useRef(() => {});
  const authored = useMemo(() => written([spec.authSpec, spec.sourceSpec]), [spec]);
  const purpose = ({ account, params }: Draft) => written([authored, spec.authSpec?.length ? account : '', params]);
  const wanted = purpose(draft);
  const fits = draft.preview !== undefined && (isStreaming(spec) || draft.previewFor === wanted);

  useEffect(() => {
    if (!shown || fits) return undefined;
    const request = new AbortController();
    const { signal } = request;
    stop.current = () => {
      request.abort();
      setError(stopped);
    };
    setError(undefined);
    void (async () => {
      try {
        const { schema, data = [] } = await asking(spec, draft.account, (account) => explore(account, draft.params, signal));
        if (!signal.aborted) setDraft((before) => ({ ...before, preview: { schema, data }, previewFor: wanted }));
      } catch (refused) {
        if (!signal.aborted) setError(refused);
      }
    })();
    return () => request.abort();
  }, [shown, asked, wanted]); // eslint-disable-line

  const retry = () => {
    setDraft((before) => ({ ...before, previewFor: '' }));
    setAsked((count) => count + 1);
  };
  return { fits, error, retry, cancel: () => stop.current() };
}
