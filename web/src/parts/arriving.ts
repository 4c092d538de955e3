// Parts of the application that come when they are needed. React keeps a failure for ever, so one that does not come is asked for
// until the server is there.
import { lazy, type ComponentType } from 'react';
import { server } from '../api';

const pause = 2000;

/** Whoever updates the server takes away the files of the application that is open. */
export class Outdated extends Error {
  constructor() {
    super('Headwater has been updated since this page was loaded. Load it again.');
  }
}

async function arrived<T>(load: () => Promise<T>): Promise<T> {
  for (let answered = false; ; ) {
    try {
      return await load();
    } catch (error) {
      if (answered) throw new Outdated();
      answered = await fetch('/healthz').then(({ ok }) => ok, () => false);
      server.tell(!answered);
      if (!answered) await new Promise((next) => setTimeout(next, pause));
    }
  }
}

export const arriving = <T extends ComponentType<any>>(load: () => Promise<{ default: T }>) => lazy(() => arrived(load));
