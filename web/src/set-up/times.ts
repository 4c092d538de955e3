// Schedules as a person reads them.
import type { Draft } from './draft';

type Schedule = Draft['schedule'];

export const units = { minute: 60, hour: 3600, day: 86400, week: 604800 } as const;
/** No more than about a year. */
export const most = { once: 1, minute: 525_600, hour: 8_760, day: 366, week: 52 } as const;
export const least = (frequency: Schedule['frequency']) => (frequency === 'minute' ? 15 : 1);
export const bounded = (frequency: Schedule['frequency'], interval: number) => Math.min(most[frequency], Math.max(least(frequency), Number.isFinite(interval) ? Math.round(interval) : 1));

/** When the next runs are due, in milliseconds; the first at once where its time has passed. */
export function nextRuns({ frequency, interval, start }: Schedule, count: number, now = Date.now()): number[] {
  const first = start ?? now;
  if (frequency === 'once') return [Math.max(first, now)];
  const step = Math.max(1, interval) * units[frequency] * 1000;
  const passed = first > now ? 0 : Math.floor((now - first) / step);
  return Array.from({ length: count }, (_, index) => (index === 0 ? Math.max(first, now) : first + (passed + index) * step));
}

/** The browser's time zone, of which inputs of a time speak. */
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'local';

/** Whether the clock is changed between these times. */
export const crossesChange = (times: number[]) => new Set(times.map((time) => new Date(time).getTimezoneOffset())).size > 1;
