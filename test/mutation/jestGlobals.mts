/**
 * The parts of Jest that the quick suites use, for Mocha: it keeps n8n loaded between runs, while Jest would
 * load it again for each of some thousand mutants.
 */
import { createRequire } from 'node:module';

import '../engine/setup.mts';

import { expect } from 'expect';
import { bind } from 'jest-each';
import { ModuleMocker } from 'jest-mock';
import { format } from 'pretty-format';

interface Timers {
	tickAsync(ms: number): Promise<unknown>;
	uninstall(): void;
}
const { withGlobal } = createRequire(import.meta.url)('@sinonjs/fake-timers') as {
	withGlobal(global: object): { install(options: { toFake: readonly string[] }): Timers };
};

type Hook = (name: string | ((this: never) => unknown), work?: () => unknown) => void;
/** Mocha's globals, which it sets before it loads a test. */
const mocha = globalThis as unknown as Record<
	'describe' | 'it' | 'before' | 'after' | 'beforeEach' | 'afterEach',
	Hook
>;

const mocker = new ModuleMocker(globalThis);

/**
 * Stryker joins the titles of a mutant's tests into one regular expression. If that is too large, Mocha's run
 * never ends, and every later mutant of the process ends in an error. So long titles are cut.
 */
const MAX_TITLE_LENGTH = 200;

/** Mocha takes a function with a parameter for one that waits for its callback. */
const plain = (own: Hook) => (name: string, work: () => unknown) =>
	own(name.slice(0, MAX_TITLE_LENGTH), () => work());
const withTables = (own: Hook) => {
	const run = plain(own);
	return Object.assign(run, { each: bind(run as never) });
};

export const describe = withTables((name, work) => mocha.describe(name, work));
export const it = withTables((name, work) => mocha.it(name, work));
// A time limit is Mocha's business here.
export const beforeAll = (work: () => unknown) => mocha.before(() => work());
export const afterAll = (work: () => unknown) => mocha.after(() => work());
export const beforeEach = (work: () => unknown) => mocha.beforeEach(() => work());
export const afterEach = (work: () => unknown) => mocha.afterEach(() => work());

/** Jest's own fake timers. */
let timers: Timers | undefined;
export const jest = {
	fn: mocker.fn.bind(mocker),
	spyOn: mocker.spyOn.bind(mocker),
	useFakeTimers: () => {
		timers = withGlobal(globalThis).install({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
	},
	useRealTimers: () => {
		// Restoring later what was spied upon meanwhile would restore these timers, too.
		mocker.restoreAllMocks();
		timers?.uninstall();
	},
	advanceTimersByTimeAsync: async (ms: number) => await timers?.tickAsync(ms),
};
export { expect };

type Snapshots = Readonly<Record<string, string>>;

/** The snapshots, as Jest keeps them: modules that export texts by the titles of tests. */
const load = createRequire(import.meta.url);
const kept: Snapshots = {
	...(load('../unit/__snapshots__/contract.test.mts.snap') as Snapshots),
	...(load('../unit/__snapshots__/methodSearch.test.mts.snap') as Snapshots),
};

/** The running test, and how many snapshots it has compared. */
const current = { title: '', compared: 0 };
mocha.beforeEach(function (this: { currentTest: { fullTitle(): string } }) {
	Object.assign(current, { title: this.currentTest.fullTitle(), compared: 0 });
});

expect.extend({
	toMatchSnapshot(received: unknown) {
		const expected = kept[`${current.title} ${++current.compared}`];
		// As Jest writes them.
		const text = format(received, { escapeString: false, printBasicPrototype: false });
		return { pass: expected?.trim() === text, message: () => `Not as in ${current.title}` };
	},
});

// As the setting `restoreMocks` of Jest does.
mocha.beforeEach(() => mocker.restoreAllMocks());
