import { Suspense, useEffect, useRef, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { get, one } from '../api';
import { schemaOf } from '../datasets';
import { readExactly, written } from '../exact';
import { isComplete, SchemaForm } from '../forms/schema-form';
import { arriving } from '../parts/arriving';
import { Guarded } from '../parts/guarded';
import { useUnsaved } from '../parts/leaving';
import { Failure, Loading, Page } from '../parts/parts';
import { SourceIcon } from '../parts/icon';
import { fieldsOf, identityRows, withProposed, type Row } from '../records';
import { AccountStep } from '../set-up/account';
import { DatasetStep } from '../set-up/dataset';
import { firstDraft, flowSpecFor, type Draft } from '../set-up/draft';
import { Making } from '../set-up/making';
import { MappingStep } from '../set-up/mapping';
import { PreviewStep, SampleStep } from '../set-up/preview';
import { hasNoForm, hasParams, usePreview } from '../set-up/use-preview';
import { Review } from '../set-up/review';
import { ScheduleStep } from '../set-up/schedule';
import { useSuggestion } from '../set-up/suggestion';
import { aboutOf, asksForChanges, documentationOf, isBeta, isStreaming, labelOf, type ConnectionSpec } from '../specs';

const Code = arriving(() => import('../editor/code'));

type StepName = 'Account' | 'Source' | 'Preview' | 'Sample' | 'Dataset' | 'Mapping' | 'Schedule' | 'Review';

function stepsOf(spec: ConnectionSpec): StepName[] {
  const account: StepName[] = spec.authSpec?.length ? ['Account'] : [];
  return isStreaming(spec) ? [...account, 'Sample', 'Dataset', 'Mapping', 'Review'] : [...account, 'Source', 'Preview', 'Dataset', 'Mapping', 'Schedule', 'Review'];
}

function SourceStep({ spec, draft, change, next }: { spec: ConnectionSpec; draft: Draft; change(some: Partial<Draft>): void; next(): void }) {
  const schema = spec.sourceSpec?.spec;
  const bare = hasNoForm(spec);
  const [check, setCheck] = useState(false);
  const [text, setText] = useState(() => written(draft.params ?? {}, 2));
  const [problem, setProblem] = useState('');
  const go = () => {
    if (bare) {
      try {
        change({ params: readExactly(text) });
        next();
      } catch (error) {
        setProblem((error as Error).message);
      }
      return;
    }
    setCheck(true);
    if (isComplete(schema, draft.params)) next();
  };
  return (
    <div className="stack narrow">
      {bare ? (
        <>
          <p>This source has no form of its own: say with JSON what shall be fetched, as the params of a source connection.</p>
          <Suspense fallback={<Loading />}><Code label="Params of the source" language="json" value={text} onChange={setText} lines={12} /></Suspense>
          {problem && <p className="refusal" role="alert">{problem}</p>}
        </>
      ) : (
        <SchemaForm schema={schema} value={draft.params} onChange={(params) => change({ params })} check={check} />
      )}
      <div><Button variant="accent" onPress={go}>Next</Button></div>
    </div>
  );
}

const wholeIn = (state: any, name: string): number => (Number.isInteger(state?.[name]) ? state[name] : 0);
const stepIn = (state: any) => wholeIn(state, 'step');
/** How many entries of the browser's history lie between this one and the set-up's first. */
const depthIn = (state: any) => wholeIn(state, 'depth');

/** A new entry of the history. The one it follows may say nothing of its step yet, as the first one does not. */
function pushStep(before: number, index: number) {
  const depth = depthIn(window.history.state);
  window.history.replaceState({ step: before, depth }, '');
  window.history.pushState({ step: index, depth: depth + 1 }, '');
}

/** The browser's Back and Forward go from step to step. Of a set-up that begins anew, as after a reload, there is only the first. */
function useHistory(show: (index: number) => void) {
  const now = useRef(show);
  now.current = show;
  useEffect(() => {
    const { pathname } = window.location;
    const before = depthIn(window.history.state);
    if (before > 0) window.history.go(-before);
    const moved = ({ state }: PopStateEvent) => {
      if (window.location.pathname === pathname) now.current(stepIn(state));
    };
    window.addEventListener('popstate', moved);
    return () => window.removeEventListener('popstate', moved);
  }, []);
}

function Steps({ spec }: { spec: ConnectionSpec }) {
  const steps = stepsOf(spec);
  const [at, setAt] = useState(0);
  const [reached, setReached] = useState(0);
  const [draft, setDraft] = useState<Draft>(() => firstDraft(spec));
  const heading = useRef<HTMLHeadingElement>(null);
  const step = steps[at];
  const change = (some: Partial<Draft>) => setDraft((before) => ({ ...before, ...some }));
  const show = (index: number) => {
    setAt(index);
    setReached((before) => Math.max(before, index));
    requestAnimationFrame(() => heading.current?.focus());
  };
  const go = (index: number) => {
    if (index !== at) pushStep(at, index);
    show(index);
  };
  const next = () => go(at + 1);
  // On a narrow screen the steps are a strip that is wider than it: the one that is taken stays in sight.
  const strip = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const [own, now] = [strip.current!, strip.current!.children[at]].map((one) => one.getBoundingClientRect());
    strip.current!.scrollBy({ left: now.left + now.width / 2 - own.left - own.width / 2 });
  }, [at]);

  // What was walked for other settings has to be walked again.
  const preview = usePreview(spec, draft, setDraft, step === 'Preview');
  const lacking: StepName | undefined = steps.includes('Account') && !draft.account ? 'Account' : !hasParams(spec, draft) ? 'Source' : preview.fits ? undefined : isStreaming(spec) ? 'Sample' : 'Preview';
  const most = lacking ? steps.indexOf(lacking) : steps.length - 1;
  useEffect(() => {
    setAt((before) => Math.min(before, most));
    setReached((before) => Math.min(before, most));
  }, [most]);
  useHistory((index) => show(Math.min(index, reached, most)));
  const [typed, setTyped] = useState(false);
  const [making] = useState(() => new Making());
  const open = useRef(true);
  useEffect(() => () => {
    open.current = false;
  }, []);
  useUnsaved(typed || reached > 0 ? 'The dataflow is not created yet: its steps would have to be taken again.' : undefined);

  const flowSpec = useQuery({ queryKey: ['flowSpecFor', spec.id], queryFn: async () => (await flowSpecFor(spec)) ?? null });
  const target = useQuery({
    queryKey: ['targetSchema', draft.dataset.kind, draft.dataset.id],
    enabled: draft.dataset.kind === 'existing' && draft.dataset.id !== '',
    queryFn: async () => {
      const found = await get<Record<string, any>>(`/data/foundation/catalog/dataSets/${draft.dataset.id}`);
      return fieldsOf(await schemaOf(found[draft.dataset.id].schemaRef.id));
    },
  });
  const record = draft.preview?.data[0];

  // Rows are proposed once for what was previewed and where it goes; those that were edited are the user's.
  const purpose = step === 'Mapping' && draft.preview ? JSON.stringify([draft.preview.schema, draft.dataset.kind, draft.dataset.id]) : '';
  const rowsLack = purpose !== '' && draft.rowsFor !== purpose;
  const propose = (proposed: Row[]) => setDraft((before) => ({ ...before, rowsFor: purpose, rows: withProposed(before.rows, proposed) }));
  const suggestion = useSuggestion(rowsLack && draft.dataset.kind === 'existing' ? purpose : '', draft.dataset.id, draft.preview?.data ?? [], propose);
  useEffect(() => {
    if (!rowsLack) return;
    if (draft.dataset.kind === 'new') propose(identityRows(draft.preview!.schema));
    else setDraft((before) => ({ ...before, rows: withProposed(before.rows, []) }));
  }, [purpose, rowsLack]); // eslint-disable-line

  return (
    <div className="wizard">
      <ol className="steps" aria-label="Steps" ref={strip}>
        {steps.map((name, index) => (
          <li key={name} className={index === at ? 'now' : index < Math.min(reached, most) ? 'done' : undefined}>
            {index <= Math.min(reached, most) && index !== at
              ? <button type="button" className="step" onClick={() => go(index)}><span className="dot" aria-hidden="true">{index < at ? '✓' : index + 1}</span>{name}</button>
              : <span className="step" aria-current={index === at ? 'step' : undefined}><span className="dot" aria-hidden="true">{index + 1}</span>{name}</span>}
          </li>
        ))}
      </ol>
      <section className="panel" aria-labelledby="step-title" onInput={() => setTyped(true)}>
        <h2 id="step-title" ref={heading} tabIndex={-1}>{titles[step]}</h2>
        <Guarded what="step" anew={[step, draft]}>
        {step === 'Account' && <AccountStep spec={spec} account={draft.account} choose={(account) => change({ account })} next={next} />}
        {step === 'Source' && <SourceStep spec={spec} draft={draft} change={change} next={next} />}
        {step === 'Preview' && <PreviewStep preview={preview.fits ? draft.preview : undefined} error={preview.error} retry={preview.retry} cancel={preview.cancel} next={next} />}
        {step === 'Sample' && <SampleStep preview={draft.preview} choose={(preview) => change({ preview })} next={next} />}
        {step === 'Dataset' && <DatasetStep draft={draft} change={change} next={next} />}
        {step === 'Mapping' && ((draft.dataset.kind === 'existing' && target.isLoading) || (suggestion.waits && draft.rows.length === 0) ? <Loading what="Comparing the fields" /> : <MappingStep suggestion={suggestion} rows={draft.rows} schema={draft.preview?.schema} record={record ?? {}} targets={draft.dataset.kind === 'existing' ? target.data : undefined} change={(rows) => change({ rows })} next={next} />)}
        {step === 'Schedule' && <ScheduleStep changes={asksForChanges(spec, draft.params)} schedule={draft.schedule} change={(schedule) => change({ schedule })} next={next} />}
        {step === 'Review' && (flowSpec.data === undefined ? (flowSpec.error ? <Failure error={flowSpec.error} retry={flowSpec.refetch} /> : <Loading />) : <Review spec={spec} draft={draft} flowSpec={flowSpec.data} making={making} isOpen={() => open.current} />)}
        </Guarded>
      </section>
    </div>
  );
}

const titles: Record<StepName, string> = {
  Account: 'Which account?',
  Source: 'What shall be fetched?',
  Preview: 'Is this what you expect?',
  Sample: 'What do the events look like?',
  Dataset: 'Where do the records go?',
  Mapping: 'How do the records become the dataset’s?',
  Schedule: 'When shall it run?',
  Review: 'Everything right?',
};

export default function SetUp({ id = '' }: { id?: string }) {
  const { data: spec, error, refetch } = useQuery({ queryKey: ['connectionSpec', id], queryFn: () => one<ConnectionSpec>(`/connectionSpecs/${id}`, true) });
  if (error && !spec) return <Page title="Set up a source"><Failure error={error} retry={refetch} /></Page>;
  if (!spec) return <Loading />;
  const documentation = documentationOf(spec);
  return (
    <Page title={`Set up ${labelOf(spec)}`} back={<Link href="/">← Sources catalog</Link>}
      about={<span className="with-icon"><SourceIcon spec={spec} /><span>{aboutOf(spec)}{isBeta(spec) && <span className="badge">Beta</span>} {documentation && <a href={documentation} rel="noreferrer" target="_blank">Documentation</a>} <Link href={`/builder/${id}`}>Show the spec</Link></span></span>}>
      <Steps spec={spec} />
    </Page>
  );
}
