import { Suspense } from 'react';
import { Provider } from '@adobe/react-spectrum/Provider';
import { darkTheme } from '@adobe/react-spectrum/darkTheme';
import { defaultTheme } from '@adobe/react-spectrum/defaultTheme';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Route, Router, Switch, useLocation } from 'wouter';
import { ApiError } from './api';
import { SignIn } from './pages/sign-in';
import { Catalog } from './pages/catalog';
import { arrivingPage } from './parts/arriving';
import { Guarded } from './parts/guarded';
import { LeaveQuestion, navigate, usePlace } from './parts/leaving';
import { Loading } from './parts/parts';
import { SchemeContext, SessionProvider, useScheme, useSession } from './session';
import { Shell } from './shell';

const SetUp = arrivingPage(() => import('./pages/set-up'));
const Flows = arrivingPage(() => import('./pages/flows'));
const Flow = arrivingPage(() => import('./pages/flow'));
const FlowMapping = arrivingPage(() => import('./pages/flow-mapping'));
const Accounts = arrivingPage(() => import('./pages/accounts'));
const Datasets = arrivingPage(() => import('./pages/datasets'));
const Dataset = arrivingPage(() => import('./pages/dataset'));
const Builder = arrivingPage(() => import('./pages/builder'));
const SourceFolder = arrivingPage(() => import('./pages/source-folder'));
const System = arrivingPage(() => import('./pages/system'));
const Missing = arrivingPage(() => import('./pages/missing'));

// The calmer of the design system's two dark palettes.
const theme = { ...defaultTheme, dark: darkTheme.light };

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always', // a computer without a network is told so, and may have the server itself
      staleTime: 2000,
      retry: (count, error) => error instanceof ApiError && (error.status === 0 || error.status >= 500) && count < 3,
    },
  },
});

function Pages() {
  const { session, ended, org, sandbox } = useSession();
  const [path] = useLocation();
  if (!session.signedIn || path === '/sign-in') return <SignIn />;
  // A page whose session has ended keeps what was typed, and is not to be seen.
  return (
    <>
      {ended && <SignIn />}
      <div hidden={ended}><Shell>
      <Suspense key={`${org}/${sandbox}`} fallback={<Loading />}>
        <Guarded what="page" anew={[path]}><Switch>
          <Route path="/"><Catalog /></Route>
          <Route path="/sources"><Catalog /></Route>
          <Route path="/sources/:id">{({ id }) => <SetUp key={id} id={id} />}</Route>
          <Route path="/flows"><Flows /></Route>
          <Route path="/flows/:id">{({ id }) => <Flow key={id} id={id} />}</Route>
          <Route path="/flows/:id/mapping">{({ id }) => <FlowMapping key={id} id={id} />}</Route>
          <Route path="/accounts"><Accounts /></Route>
          <Route path="/datasets"><Datasets /></Route>
          <Route path="/datasets/:id">{({ id }) => <Dataset key={id} id={id} />}</Route>
          <Route path="/builder"><Builder /></Route>
          <Route path="/builder/folder"><SourceFolder /></Route>
          <Route path="/builder/:id">{({ id }) => <Builder key={id} id={id} />}</Route>
          <Route path="/system"><System /></Route>
          <Route><Missing /></Route>
        </Switch></Guarded>
      </Suspense>
    </Shell></div>
    </>
  );
}

// The design system's links go through the same router as the application's own.
export function App() {
  const [scheme, setScheme] = useScheme();
  return (
    <Provider theme={theme} colorScheme={scheme} locale="en-GB" router={{ navigate }} minHeight="100vh" UNSAFE_className="app">
      <QueryClientProvider client={queries}>
        <SchemeContext.Provider value={[scheme, setScheme]}>
          <Router hook={usePlace}>
            <SessionProvider waiting={<Loading />}>
              <Pages />
              <LeaveQuestion />
            </SessionProvider>
          </Router>
        </SchemeContext.Provider>
      </QueryClientProvider>
    </Provider>
  );
}
