// How numbers, times and states are shown.
import { written } from './exact';

const numbers = new Intl.NumberFormat('en');
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

export const number = (value: unknown) => (typeof value === 'number' && value >= 0 ? numbers.format(value) : '–');
/** "1 page", "2,000 pages". */
export const plural = (count: number, what: string) => `${numbers.format(count)} ${what}${count === 1 ? '' : 's'}`;
export const time = (ms: unknown) => (typeof ms === 'number' && ms > 0 ? times.format(ms) : '–');
export const exactTime = (ms: unknown) => (typeof ms === 'number' && ms > 0 ? exact.format(ms) : '');

export function bytes(value: unknown): string {
  if (typeof value !== 'number' || value < 0) return '–';
  if (value < 1000) return `${value} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = -1;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

export function duration(ms: unknown): string {
  if (typeof ms !== 'number' || ms < 0) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "3 minutes ago"; a moment for what is about now. */
export function ago(ms: unknown, now = Date.now()): string {
  if (typeof ms !== 'number' || ms <= 0) return 'never';
  const seconds = (ms - now) / 1000;
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  for (const [unit, size] of [['day', 86400], ['hour', 3600], ['minute', 60]] as const)
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  return seconds > 5 ? 'in a moment' : 'just now';
}

/** A cell of a table of records. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? written(value) : String(value);
}

const words: Record<string, string> = { inProgress: 'Running', partialSuccess: 'Partly', success: 'Success', failed: 'Failed', scheduled: 'Queued', enabled: 'Enabled', disabled: 'Disabled', draft: 'Draft', pending: 'Pending', active: 'Active', healthy: 'Healthy', silent: 'Does not answer', delivered: 'Delivered', retrying: 'Tries again' };
export const stateText = (state: unknown) => words[String(state)] ?? String(state ?? '–');

export type Tone = 'positive' | 'negative' | 'notice' | 'info' | 'neutral';
const tones: Record<string, Tone> = { success: 'positive', enabled: 'positive', active: 'positive', healthy: 'positive', published: 'positive', silent: 'negative', delivered: 'positive', retrying: 'notice', refused: 'negative', gone: 'notice', failed: 'negative', failure: 'negative', partialSuccess: 'notice', inProgress: 'info', scheduled: 'info', loading: 'info', pending: 'info' };
export const toneOf = (state: unknown): Tone => tones[String(state)] ?? 'neutral';

// What a spreadsheet runs; a sign before a number, or a telephone's, is none of it.
const isFormula = (text: string) => /^[=@\t\r]/.test(text) || (/^[+-]/.test(text) && !/^[+-]([\d\s().,/-]*|[\d.,]+e[+-]?\d+)$/i.test(text));

export function csv(columns: string[], rows: unknown[][]): string {
  // A text that a spreadsheet would take for a formula is marked as a text.
  const field = (value: unknown) => {
    const plain = cell(value);
    const text = typeof value === 'string' && isFormula(plain) ? `'${plain}` : plain;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';
}
