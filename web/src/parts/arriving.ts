// Parts of the application that come when they are needed. React keeps a failure for ever, so one that does not come is asked for
// until the server is there. Some browsers keep it as long as the page, and an update of the server takes the files of the
// application that is open away: then only the page loaded anew has the part.
import { lazy, type ComponentType } from 'react';
import { server } from '../api';

const pause = 2000;
const tries = 2;

/** For who loads the page again. */
export class NotArrived extends Error {
  constructor() {
    super('A part of this page does not load, as after an update of Headwater. Load the page again.');
  }
}

async function arrived<T>(load: () => Promise<T>, given: () => Promise<T>): Promise<T> {
  for (let failed = 0; ; ) {
    try {
      return await load();
    } catch {
      const answers = await fetch('/healthz').then(({ ok }) => ok, () => false);
      server.tell(!answers);
      if (answers && ++failed === tries) return given();
      await new Promise((next) => setTimeout(next, pause));
    }
  }
}

const giveUp = (): Promise<never> => Promise.reject(new NotArrived());

// Loading again does not help each time.
const reloadedAt = 'headwater.reloaded';
const once = 60_000;

/** Nothing is typed in a page that is not there yet. */
function reload(): Promise<never> {
  if (Date.now() - Number(sessionStorage.getItem(reloadedAt)) < once) return giveUp();
  sessionStorage.setItem(reloadedAt, String(Date.now()));
  window.location.reload();
  return new Promise(() => undefined);
}

type Load<T> = () => Promise<{ default: T }>;

export const arriving = <T extends ComponentType<any>>(load: Load<T>) => lazy(() => arrived(load, giveUp));

/** The same for a page as a whole. */
export const arrivingPage = <T extends ComponentType<any>>(load: Load<T>) => lazy(() => arrived(load, reload));
