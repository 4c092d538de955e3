// What happens to typed work when one goes away, or the session, the network or the source does.
import assert from 'node:assert/strict';

const settings = { type: 'object', required: ['kind'], properties: { kind: { type: 'string', title: 'Kind' }, note: { type: 'string', title: 'Note' } } };

/** Changed settings make what was walked for the old ones stale: no dataflow of a preview that is no longer true. */
export async function staleSteps({ page, publish, button, heading, check }) {
  const steps = page.getByRole('list', { name: 'Steps' });
  const step = (name) => steps.getByRole('button', { name: new RegExp(`^\\S*${name}$`) });
  const toStep = (name) => step(name).click();
  const next = () => button('Next').click();
  await page.goto(await publish('stale', '/stale', { spec: settings, queryParams: { kind: '${kind}' } }));
  await page.getByLabel('Kind').fill('old');
  await next();
  await page.getByRole('cell', { name: 'old', exact: true }).waitFor();
  for (let count = 0; count < 4; count++) await next();
  await heading('Everything right?').waitFor();
  // Looking back changes nothing.
  await toStep('Source');
  await page.getByLabel('Kind').waitFor();
  await toStep('Review');
  await heading('Everything right?').waitFor();
  await toStep('Source');
  await page.getByLabel('Kind').fill('new');
  assert.equal(await step('Review').count(), 0, 'the review is out of reach');
  assert.equal(await step('Preview').count(), 1);
  await page.getByLabel('Kind').fill('');
  assert.equal(await step('Preview').count(), 0, 'without a required input there is no preview');
  await check('away-stale');
  await page.getByLabel('Kind').fill('new');
  await next();
  await page.getByRole('cell', { name: 'new', exact: true }).waitFor();
  assert.equal(await step('Dataset').count(), 0, 'the next steps are walked again');
  await next();
  await page.getByLabel('Name of the dataset').waitFor();
}

/** A source that does not answer: what is told is true, one can stop waiting, and try again. */
export async function slowSource({ page, publish, button, shop, check }) {
  await page.goto(await publish('slow', '/slow', { spec: settings, queryParams: { kind: '${kind}' } }));
  await page.getByLabel('Kind').fill('slow');
  shop.delay = 60_000;
  await button('Next').click();
  await page.getByText('The source takes its time.').waitFor();
  await check('away-slow');
  await button('Cancel').click();
  await page.getByText('You stopped waiting for the source.').waitFor();
  shop.delay = 0;
  await button('Try again').click();
  await page.getByRole('cell', { name: 'slow', exact: true }).waitFor();
  // Without a network nobody called the source, and nothing tries again by itself.
  await page.context().setOffline(true);
  await page.getByText('There is no network connection. What you see may be old').waitFor();
  await button('Ask again').click();
  await page.getByRole('alert').getByText('There is no network connection.').waitFor();
  assert.doesNotMatch(await page.locator('#content').innerText(), /really called|source was called|by itself/);
  // A page of the application that is asked for now does not wait for ever either.
  await page.evaluate(() => history.pushState(null, '', '/flows')).then(() => page.evaluate(() => dispatchEvent(new PopStateEvent('popstate'))));
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stay' }).click();
  await check('away-offline');
  await page.context().setOffline(false);
  await page.getByText('There is no network connection. What you see may be old').waitFor({ state: 'detached' });
  await button('Try again').click();
  await page.getByRole('cell', { name: 'slow', exact: true }).waitFor();
}

/** Signed out elsewhere: it is told, hidden, and goes on with what was typed when somebody signs in, wherever. */
export async function endedSession({ page, servers, publish, button, heading, check }) {
  const address = await publish('session', '/session', { spec: settings, queryParams: { kind: '${kind}' } });
  await page.goto(address);
  await page.getByLabel('Kind').fill('precious');
  const other = await page.context().newPage();
  await other.goto(servers.headwater);
  await other.getByRole('button', { name: 'Appearance and session' }).click();
  await other.getByRole('menuitemradio', { name: 'Sign out' }).click();
  await other.getByRole('heading', { name: 'Sources catalog' }).waitFor();
  await page.bringToFront();
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await heading('Your session has ended').waitFor();
  assert.equal(await page.getByLabel('Kind').isVisible(), false, 'what the session showed is hidden');
  await check('away-ended');
  await other.goto(servers.login());
  await other.getByRole('link', { name: 'Dataflows' }).waitFor();
  await page.getByLabel('Kind').waitFor();
  assert.equal(await page.getByLabel('Kind').inputValue(), 'precious');
  // The cookie is gone, and the next step finds out; what only reads goes on by itself.
  await page.context().clearCookies();
  await button('Next').click();
  await heading('Your session has ended').waitFor();
  await page.getByLabel('Or paste the link here').fill(servers.login());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('cell', { name: 'precious', exact: true }).waitFor();
  // A change after another tab has signed in anew.
  await other.context().clearCookies();
  await other.goto(servers.login());
  await other.getByRole('link', { name: 'Dataflows' }).waitFor();
  for (let step = 0; step < 4; step++) await button('Next').click();
  await button('Create the dataflow').click();
  await page.getByRole('heading', { level: 1, name: 'session' }).waitFor();
  // One who was nobody lands where one was, and another tab sees it without being loaded again.
  await page.context().clearCookies();
  await page.goto(`${servers.headwater}/datasets`);
  await heading('Sources catalog').waitFor();
  await page.goto(servers.login());
  await page.getByRole('heading', { level: 1, name: 'Datasets' }).waitFor();
  await page.context().clearCookies();
  await page.goto(`${servers.headwater}/accounts`);
  await heading('Sources catalog').waitFor();
  await other.goto(servers.login());
  await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
  await other.close();
}

/** Nothing typed is lost without a question: by a link, Back, another sandbox, or a reload. */
export async function askedBeforeLeaving({ page, api, servers, publish, button, type, check }) {
  await api('POST', '/sandboxes', { name: 'aside', title: 'Aside', type: 'development' }, 'sandbox-management');
  const question = page.getByRole('alertdialog', { name: 'Leave this page?' });
  const answer = (name) => question.getByRole('button', { name }).click();
  const toSources = () => page.getByRole('navigation').getByRole('link', { name: 'Sources' }).click();
  await page.goto(servers.headwater);
  await page.getByRole('link', { name: 'Build a source' }).click();
  const editor = page.getByRole('textbox', { name: 'Connection spec' });
  await editor.waitFor();
  await toSources(); // nothing was typed: nothing is asked
  await page.getByRole('link', { name: 'Build a source' }).click();
  await type('Connection spec', '{"name":"precious"}');
  await toSources();
  await check('away-question');
  await answer('Stay');
  assert.match(await editor.innerText(), /precious/);
  await page.goBack();
  await answer('Stay');
  await page.waitForURL(/\/builder$/);
  assert.match(await editor.innerText(), /precious/);
  const asked = page.waitForEvent('dialog');
  await Promise.all([asked.then((dialog) => dialog.type()), page.evaluate(() => setTimeout(() => location.reload()))]);
  assert.equal((await asked).type(), 'beforeunload');
  await editor.waitFor();
  // What the form changes is undone with the editor's own key.
  await type('Connection spec', '{"name":"first"}');
  await page.getByLabel('Name').first().fill('second');
  await editor.getByText('"second"').waitFor();
  await editor.click();
  await page.keyboard.press('Control+z');
  await editor.getByText('"first"').waitFor();
  await page.goBack();
  await answer('Leave');
  await page.getByRole('heading', { level: 1, name: 'Sources catalog' }).waitFor();

  await page.goto(await publish('steps', '/steps', { spec: settings }));
  await page.getByLabel('Kind').fill('precious');
  await button('Next').click();
  await page.getByRole('region', { name: 'First records' }).waitFor();
  const choose = async () => {
    await page.getByRole('button', { name: /Sandbox/ }).click();
    await page.getByRole('option', { name: 'aside', exact: true }).click();
  };
  await choose();
  await answer('Stay');
  await page.getByRole('region', { name: 'First records' }).waitFor();
  await toSources();
  await answer('Stay');
  await page.getByRole('region', { name: 'First records' }).waitFor();
  await choose();
  await answer('Leave');
  await page.getByRole('button', { name: /aside/ }).waitFor();
  await page.getByRole('button', { name: /Sandbox/ }).click();
  await page.getByRole('option', { name: 'prod', exact: true }).click();
}
