import { useMemo } from 'react';
import Form from '@rjsf/core';
import { templates, widgets } from './theme';
import { validator } from './validator';

/** A spec's own JSON Schema as a form. `check` shows what is missing, also in fields that were not touched yet. */
export function SchemaForm({ schema, value, onChange, check, readOnly = [] }: { schema: any; value: any; onChange(value: any): void; check: boolean; readOnly?: string[] }) {
  const ui = useMemo(() => ({ 'ui:submitButtonOptions': { norender: true }, ...Object.fromEntries(readOnly.map((name) => [name, { 'ui:readonly': true }])) }), [readOnly]);
  const clean = useMemo(() => {
    const { $schema: _, title: __, ...rest } = schema ?? {};
    return { type: 'object', ...rest };
  }, [schema]);
  return (
    <Form tagName="div" schema={clean} uiSchema={ui} formData={value} validator={validator} widgets={widgets} templates={templates} liveValidate={check} noHtml5Validate showErrorList={false}
      onChange={({ formData }) => onChange(formData)} />
  );
}

export function isComplete(schema: any, value: any): boolean {
  return validator.isValid(schema ?? {}, value ?? {}, schema ?? {});
}
