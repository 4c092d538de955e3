import { useMemo } from 'react';
import Form from '@rjsf/core';
import { Guarded } from '../parts/guarded';
import { schemaInForm, valueInForm, valueOutOfForm } from './prepared';
import { fields, templates, widgets } from './theme';
import { validator } from './validator';

/** A spec's own JSON Schema as a form. `check` shows what is missing, also in fields that were not touched yet. */
export function SchemaForm({ schema, value, onChange, check, readOnly = [] }: { schema: any; value: any; onChange(value: any): void; check: boolean; readOnly?: string[] }) {
  const ui = useMemo(() => ({ 'ui:submitButtonOptions': { norender: true }, ...Object.fromEntries(readOnly.map((name) => [name, { 'ui:readonly': true }])) }), [readOnly]);
  const clean = useMemo(() => {
    const { $schema: _, title: __, ...rest } = schemaInForm(schema);
    return { type: 'object', ...rest };
  }, [schema]);
  const data = useMemo(() => valueInForm(value), [value]);
  return (
    <Guarded what="form" anew={[schema, value]}>
      <Form tagName="div" schema={clean} uiSchema={ui} formData={data} validator={validator} widgets={widgets} fields={fields} templates={templates} liveValidate={check} noHtml5Validate showErrorList={false}
        onChange={({ formData }) => onChange(valueOutOfForm(formData))} />
    </Guarded>
  );
}

export function isComplete(schema: any, value: any): boolean {
  const clean = schemaInForm(schema);
  return validator.isValid(clean, valueInForm(value ?? {}), clean);
}
