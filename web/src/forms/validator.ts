// What rjsf asks of a validator, answered by an interpreter of JSON Schema: compiling schemas to JavaScript, as ajv does, is
// what a strict content security policy forbids.
import { Validator } from '@cfworker/json-schema';
import { createErrorHandler, getDefaultFormState, toErrorList, toErrorSchema, unwrapErrorHandler, validationDataMerge, type ErrorSchema, type RJSFSchema, type RJSFValidationError, type ValidatorType } from '@rjsf/utils';

const plain: Record<string, (schema: any) => string> = {
  required: () => 'This is required.',
  type: (schema) => `This must be of the type ${[schema?.type].flat().join(' or ')}.`,
  format: (schema) => `This is no ${schema?.format ?? 'such text'}.`,
  pattern: (schema) => `This must look like ${schema?.pattern}.`,
  enum: () => 'This is none of the choices.',
  minLength: (schema) => `This needs ${schema?.minLength} characters or more.`,
  maxLength: (schema) => `This may have ${schema?.maxLength} characters.`,
  minimum: (schema) => `The least is ${schema?.minimum}.`,
  maximum: (schema) => `The most is ${schema?.maximum}.`,
};

function schemaAt(schema: any, keywordLocation: string): any {
  const steps = keywordLocation.replace(/^#\/?/, '').split('/').slice(0, -1);
  return steps.reduce((at, step) => at?.[decodeURIComponent(step.replaceAll('~1', '/').replaceAll('~0', '~'))], schema);
}

function errorsOf(schema: any, data: unknown): RJSFValidationError[] {
  const { errors } = new Validator(schema, '7', false).validate(data);
  return errors.filter(({ keyword }) => keyword in plain).map(({ keyword, keywordLocation, instanceLocation, error }) => {
    const path = instanceLocation.replace(/^#\/?/, '').split('/').filter(Boolean).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const missing = keyword === 'required' ? /"([^"]+)"/.exec(error)?.[1] : undefined;
    const property = `.${[...path, ...(missing ? [missing] : [])].join('.')}`;
    const message = plain[keyword](schemaAt(schema, keywordLocation));
    return { name: keyword, property, message, stack: `${property} ${message}`, schemaPath: keywordLocation };
  });
}

class InterpretedValidator implements ValidatorType {
  validateFormData(formData: any, schema: RJSFSchema, customValidate?: any, transformErrors?: any, uiSchema?: any): any {
    let errors = errorsOf(schema, formData ?? null);
    if (transformErrors) errors = transformErrors(errors, uiSchema);
    const result = { errors, errorSchema: toErrorSchema(errors) };
    if (typeof customValidate !== 'function') return result;
    const defaults: any = getDefaultFormState(this, schema, formData, schema, true);
    const handler: any = customValidate(defaults, createErrorHandler(defaults), uiSchema);
    return validationDataMerge(result, unwrapErrorHandler(handler));
  }
  toErrorList(errorSchema?: ErrorSchema, fieldPath: string[] = []) {
    return toErrorList(errorSchema, fieldPath);
  }
  isValid(schema: RJSFSchema, formData: any) {
    return new Validator(schema as any, '7', true).validate(formData ?? null).valid;
  }
  rawValidation<Result>(schema: RJSFSchema, formData?: any) {
    return { errors: errorsOf(schema, formData ?? null) as Result[] };
  }
}

export const validator: ValidatorType<any, any, any> = new InterpretedValidator();
