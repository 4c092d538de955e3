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

const tries = 5;

/** The page that it gives now names another application. */
const isUpdated = () =>
  fetch('/').then(
    async (answer) => {
      const own = document.querySelector<HTMLScriptElement>('script[type=module][src]')?.getAttribute('src');
      return answer.ok && own !== null && own !== undefined && !(await answer.text()).includes(own);
    },
    () => false,
  );

async function arrived<T>(load: () => Promise<T>): Promise<T> {
  for (let failed = 0; ; ) {
    try {
      return await load();
    } catch {
      const answers = await fetch('/healthz').then(({ ok }) => ok, () => false);
      server.tell(!answers);
      // A browser may keep a failure as long as the page.
      if (answers && ((await isUpdated()) || ++failed === tries)) throw new Outdated();
      await new Promise((next) => setTimeout(next, pause));
    }
  }
}

export const arriving = <T extends ComponentType<any>>(load: () => Promise<{ default: T }>) => lazy(() => arrived(load));
