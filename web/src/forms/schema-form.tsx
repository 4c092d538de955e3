import { useEffect, useMemo, useRef } from 'react';
import Form from '@rjsf/core';
import { Guarded } from '../parts/guarded';
import { schemaInForm, shownInForm, valueInForm, valueOutOfForm } from './prepared';
import { fields, templates, widgets } from './theme';
import { fits, validatorOf } from './validator';

// Of constants only those are filled in that have to be: forms/prepared.ts says which.
const defaults = { constAsDefaults: 'never' } as const;

interface Props {
  schema: any;
  value: any;
  onChange(value: any): void;
  /** What is missing is shown, also in fields that were not touched yet. */
  check: boolean;
  readOnly?: string[];
  disabled?: boolean;
}

/** A spec's own JSON Schema as a form. */
export const SchemaForm = (props: Props) => <Guarded what="form" anew={[props.schema, props.value]}><Prepared {...props} /></Guarded>;

function Prepared({ schema, value, onChange, check, readOnly = [], disabled = false }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const ui = useMemo(() => ({ 'ui:submitButtonOptions': { norender: true }, ...Object.fromEntries(readOnly.map((name) => [name, { 'ui:readonly': true }])) }), [readOnly]);
  const [validator, clean] = useMemo(() => {
    const { title: _, ...whole } = schemaInForm(schema);
    return [validatorOf(whole), shownInForm(whole)];
  }, [schema]);
  const data = useMemo(() => valueInForm(value), [value]);
  // Where one has to go on writing.
  useEffect(() => {
    if (check) requestAnimationFrame(() => place.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
  }, [check]);
  return (
    <div ref={place}>
      <Form tagName="div" schema={clean} uiSchema={ui} formData={data} validator={validator} widgets={widgets} fields={fields} templates={templates} liveValidate={check} noHtml5Validate showErrorList={false} disabled={disabled}
        experimental_defaultFormStateBehavior={defaults} onChange={({ formData }) => onChange(valueOutOfForm(formData))} />
    </div>
  );
}

export const isComplete = (schema: any, value: any): boolean => fits(schemaInForm(schema), valueInForm(value ?? {}));
