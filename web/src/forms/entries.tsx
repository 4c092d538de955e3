// Members that a schema does not name, such as further headers: a name and a value each. rjsf's own draws the row of a member anew
// when its name changes, under the hands of whoever writes it.
import { createContext, useContext, useRef, useState, type ReactNode } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { TextField } from '@adobe/react-spectrum/TextField';
import { getDefaultRegistry } from '@rjsf/core';
import { ADDITIONAL_PROPERTY_FLAG, deepEquals, type FieldProps } from '@rjsf/utils';
import { outOfForm } from './prepared';
import { worded } from './words';

/** Something was removed from a list: what follows it has the focus now, or the button that adds. */
export function focusIn(list: HTMLElement | null, index: number) {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const focusable = 'input:not([disabled]), textarea:not([disabled]), button:not([disabled])';
    const next = list?.querySelectorAll(':scope > .element')[index];
    const found = next?.querySelector<HTMLElement>(focusable) ?? [...(list?.querySelectorAll<HTMLElement>(':scope > div:not(.element) > button') ?? [])].pop();
    found?.focus();
  }));
}

interface Entry {
  key: number;
  name: string;
  value: unknown;
}

const { ObjectField } = getDefaultRegistry().fields;
const Shown = createContext<ReactNode>(null);

/** Where the entries stand within their object. */
export const Entries = () => <>{useContext(Shown)}</>;

const isSchema = (value: unknown): value is Record<string, any> => value !== null && typeof value === 'object';

/** What may be a text or a list is the one that it is; a text where it is not there yet. */
const asItIs = (schema: any, value: unknown) => (Array.isArray(schema.type) && schema.type.includes('string') && schema.type.includes('array') ? { ...schema, type: Array.isArray(value) ? 'array' : 'string' } : schema);

/** Those that have a name, each once, as a value has them. */
function valueOf(entries: Entry[]): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const { name, value: own } of entries) if (name !== '' && !Object.hasOwn(value, name)) Object.defineProperty(value, name, { value: own, enumerable: true, configurable: true, writable: true });
  return value;
}

function OpenEntries({ schema, given, change, props }: { schema: any; given: Record<string, unknown>; change(entries: Record<string, unknown>): void; props: FieldProps }) {
  const { SchemaField } = props.registry.fields;
  const [entries, setEntries] = useState<Entry[]>(() => Object.entries(given).map(([name, value], key) => ({ key, name, value })));
  const last = useRef(entries.length);
  const list = useRef<HTMLDivElement>(null);
  // Written from elsewhere, as code. What is given stays behind while it is changed here.
  const seen = useRef(given);
  let now = entries;
  if (!deepEquals(seen.current, given)) {
    seen.current = given;
    if (!deepEquals(valueOf(entries), given)) {
      now = Object.entries(given).map(([name, value]) => ({ key: entries.find((one) => one.name === name)?.key ?? last.current++, name, value }));
      setEntries(now);
    }
  }
  // The library takes all functions for the same, and keeps those of an earlier time.
  const current = useRef({ entries: now, change });
  current.current = { entries: now, change };
  const put = (next: Entry[]) => {
    setEntries(next);
    current.current.change(valueOf(next));
  };
  const title = props.schema.title ?? worded(props.name ?? '');
  const fixed = props.disabled || props.readonly;
  return (
    <div className="stack" ref={list}>
      {now.map((entry, index) => {
        const twice = entry.name !== '' && now.findIndex(({ name }) => name === entry.name) < index;
        const set = (some: Partial<Entry>) => put(current.current.entries.map((one) => (one.key === entry.key ? { ...one, ...some } : one)));
        return (
          <div key={entry.key} className="row element entry">
            <div className="grow"><TextField label="Name" value={entry.name} isDisabled={props.disabled} isReadOnly={props.readonly} autoComplete="off" width="100%" onChange={(name) => set({ name })} validationState={twice ? 'invalid' : undefined} errorMessage="This name is there already." /></div>
            <div className="grow">
              <SchemaField {...props} name="value" required={false} schema={{ title: 'Value', ...asItIs(schema, entry.value) }} uiSchema={{}} idSchema={{ $id: `${props.idSchema.$id}__entry${entry.key}` } as any} formData={entry.value} errorSchema={twice ? undefined : props.errorSchema?.[entry.name]}
                onChange={(value) => set({ value })} />
            </div>
            <Button variant="secondary" isDisabled={fixed} aria-label={`Remove ${outOfForm(entry.name) || `entry ${index + 1}`}`} onPress={() => {
              put(now.filter(({ key }) => key !== entry.key));
              focusIn(list.current, index);
            }}>Remove</Button>
          </div>
        );
      })}
      <div><Button variant="secondary" isDisabled={fixed} aria-label={title ? `Add to ${title}` : undefined} onPress={() => setEntries([...now, { key: last.current++, name: '', value: schema.default ?? (asItIs(schema, undefined).type === 'string' ? '' : undefined) }])}>Add</Button></div>
    </div>
  );
}

/** An object with the members that its schema names, and with others where it may have them. */
export function AnyObject(props: FieldProps) {
  const { additionalProperties, ...schema } = props.schema;
  const own = Object.fromEntries(Object.entries<any>(schema.properties ?? {}).filter(([, member]) => !isSchema(member) || !(ADDITIONAL_PROPERTY_FLAG in member)));
  const data: Record<string, unknown> = isSchema(props.formData) ? props.formData : {};
  const parts = (isOwn: boolean) => Object.fromEntries(Object.entries(data).filter(([name]) => Object.hasOwn(own, name) === isOwn));
  const entries = isSchema(additionalProperties) ? <OpenEntries schema={additionalProperties} given={parts(false)} props={props} change={(others) => props.onChange({ ...parts(true), ...others })} /> : null;
  return <Shown.Provider value={entries}><ObjectField {...props} schema={{ ...schema, properties: own } as any} /></Shown.Provider>;
}
