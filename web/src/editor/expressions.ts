// What can be written in an expression: the record's paths and the language's functions.
import { useQuery } from '@tanstack/react-query';
import type { Completion, CompletionSource } from '@codemirror/autocomplete';
import { conversion, get } from '../api';

interface FunctionInfo {
  function: string;
  category: string;
  description: string;
  syntax: string;
  example: string;
  result: string;
}

export function useFunctions() {
  return useQuery({ queryKey: ['functions'], queryFn: ({ signal }) => get<FunctionInfo[]>(`${conversion}/languages/el/functions`, signal), staleTime: Infinity });
}

function explain(info: FunctionInfo) {
  return () => {
    const about = document.createElement('div');
    about.className = 'explained';
    for (const [kind, text] of [['code', info.syntax], ['p', info.description], ['code', info.example && `${info.example} → ${info.result}`]] as const) {
      if (!text) continue;
      const part = document.createElement(kind);
      part.textContent = text;
      about.append(part);
    }
    return about;
  };
}

export function completionsOf(fields: { source: string; type: string }[], functions: FunctionInfo[]): CompletionSource {
  const options: Completion[] = [
    ...fields.map(({ source, type }) => ({ label: source, type: 'property', detail: type, boost: 2 })),
    ...functions.map((info) => ({ label: info.function, type: 'function', detail: info.category, info: explain(info), apply: `${info.function}(` })),
  ];
  return (context) => {
    const word = context.matchBefore(/\$\{[^}]*|[\w$.[\]*-]+/);
    if (!word && !context.explicit) return null;
    return { from: word?.from ?? context.pos, options, validFor: /^(\$\{[^}]*|[\w$.[\]*-]*)$/ };
  };
}
