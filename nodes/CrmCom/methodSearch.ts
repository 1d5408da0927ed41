/** Finds methods by what people call things. */
import { CATALOGUE, methodName, type CatalogueMethod } from './catalogue';
import { VERBS } from './method';
import { splitVerb } from './methodInput';
import { isPageParameter } from './pagination';

/** Words of the Web API, and the everyday words that stand for them, in the singular. */
const EVERYDAY_WORDS: Readonly<Record<string, string>> = {
	account: 'client customer',
	activate: 'reactivate reconnect resume',
	activity: 'appointment task todo visit',
	attachment: 'document file upload',
	award: 'cashback',
	bill: 'billing unpaid',
	cancel: 'close delete end remove stop terminate void',
	communication: 'mail message phone send sms',
	complete: 'close done finish',
	contact: 'address client customer person phone',
	create: 'add book generate give issue join log make new open raise register take',
	deactivate: 'disconnect pause suspend',
	draft: 'open pending',
	email: 'mail',
	installed_item: 'box decoder device equipment inventory',
	invoice: 'unpaid',
	job: 'appointment order task technician visit workorder',
	lead: 'opportunity',
	list: 'find get list read search view',
	organisation: 'organization',
	overdue: 'open',
	pass_code: 'password',
	payment: 'money',
	'payment create': 'topup',
	payment_preference: 'card debit',
	price_plan: 'price',
	pricing: 'cost',
	product: 'item',
	progress: 'open',
	promo: 'discount',
	queue: 'pending',
	rate: 'price',
	remove: 'delete',
	resolve: 'close',
	reward: 'bonus loyalty point program programme',
	service_request: 'case complaint incident issue outage ticket',
	show: 'find get list read search view',
	spend: 'redeem',
	subscription: 'contract package',
	update: 'amend change edit modify reschedule',
	use: 'redeem',
	voucher: 'coupon',
	wallet: 'money',
	'wallet_transaction create': 'topup',
	warehouse: 'inventory stock',
	webhook: 'trigger',
	win: 'convert',
};

/** Words that say nothing of which method is meant. */
const FILLERS = wordsOf(
	'a all an and are at by can for from has how i id in is it many me name number of on or that the this to when where which with',
);

/** The gap in what people write as two words, or with a hyphen: to-do (not "how to do"), top up, work order. */
const TWO_WORDS = /\b(to(?=-dos?\b)|top(?=[\s-]+ups?\b)|work(?=[\s-]+orders?\b))[\s-]+/g;

/** How much a word counts, by where it is found. */
const MEANT_IN_NAME = 5;
const IN_NAME = 4;
const BEGINS_IN_NAME = 3;
const IN_SUMMARY = 2;
const MEANT_IN_SUMMARY = 1;
/** A path begins with its subject: "payments of an account" are payments. */
const IS_SUBJECT = 3;

interface Indexed {
	readonly method: CatalogueMethod;
	/** Of the first part of the path. */
	readonly subject: readonly string[];
	/** Of verb and path. */
	readonly name: ReadonlySet<string>;
	/** Of the summary, and of the parameters with their notes and values, but for those that page. */
	readonly text: ReadonlySet<string>;
}

let index: readonly Indexed[] | undefined;

/** Built at the first search: running workflows do not need it. */
function indexed(): readonly Indexed[] {
	index ??= CATALOGUE.map((method) => ({
		method,
		subject: wordsOf(method.path.split('/')[0] ?? ''),
		name: new Set(wordsOf(methodName(method))),
		text: new Set(
			wordsOf(
				[
					method.summary,
					...method.parameters
						.filter(({ name }) => !isPageParameter(name))
						.map(({ name, note = '', values = [] }) => `${name} ${note} ${values.join(' ')}`),
				].join(' '),
			),
		),
	}));
	return index;
}

/**
 * The methods that have the most of a text's words, or at least one of them in their names, best first: those
 * with a word in their names, and of these, those with the most words. Among equals, lists of settings come late
 * unless the text names them, and deprecated methods last.
 */
export function searchMethodsByWords(
	text: string,
	isOffered: (method: CatalogueMethod) => boolean,
): CatalogueMethod[] {
	const typed = text.trim().toLowerCase();
	const wanted = wordsOf(typed.replace(TWO_WORDS, '$1'))
		.filter((word) => !FILLERS.includes(word))
		.map((word) => ({ word, meanings: meaningsOf(word) }));
	const said = new Set(wanted.flatMap(({ word, meanings }) => [word, ...meanings.flat()]));
	const found = indexed()
		.filter(({ method }) => isOffered(method))
		.map((candidate) => {
			const scores = wanted.map((each) => scoreOf(each, candidate));
			const isSubject = candidate.subject.every((word) => said.has(word));
			return {
				method: candidate.method,
				matches: scores.filter((score) => score > 0).length,
				isNamed: scores.some((score) => score > IN_SUMMARY),
				score: scores.reduce((sum, score) => sum + score, isSubject ? IS_SUBJECT : 0),
			};
		});
	const most = Math.max(0, ...found.map(({ matches }) => matches));
	if (most === 0 && (wanted.length > 0 || /[^\s\w]/.test(typed))) return [];
	const path = splitVerb(typed).address;
	// A single word is a word, not the beginning of a path: "customer" means customers, not only their events.
	const begins = (method: CatalogueMethod) => path.includes('/') && method.path.startsWith(path);
	return found
		.filter(({ matches, isNamed }) => matches === most || isNamed)
		.sort(
			(a, b) =>
				Number(b.isNamed) - Number(a.isNamed) ||
				b.matches - a.matches ||
				Number(b.method.path === path) - Number(a.method.path === path) ||
				lateness(a.method, said) - lateness(b.method, said) ||
				Number(begins(b.method)) - Number(begins(a.method)) ||
				b.score - a.score ||
				rarity(a.method) - rarity(b.method) ||
				Number(isRead(b.method)) - Number(isRead(a.method)) ||
				// Without words, in the catalogue's order; else shortest path first.
				(wanted.length === 0 ? 0 : a.method.path.length - b.method.path.length),
		)
		.map(({ method }) => method);
}

function lateness({ deprecated, path }: CatalogueMethod, said: ReadonlySet<string>): number {
	if (deprecated !== undefined) return 2;
	const [, setting] = /\/configuration\/(\w+)/.exec(path) ?? [];
	return setting === undefined || wordsOf(setting).every((word) => said.has(word)) ? 0 : 1;
}

/** What is wanted most often of a subject, if the words do not say it. */
const COMMON = ['list', 'show', 'create'];

function rarity({ path }: CatalogueMethod): number {
	const [, action = '', ...deeper] = path.split('/');
	const place = COMMON.indexOf(action);
	return place < 0 || deeper.length > 0 ? COMMON.length : place;
}

/** Whoever meant to change something sees it by the verb; the other way round, it would be too late. */
function isRead({ httpMethod }: CatalogueMethod): boolean {
	return VERBS[httpMethod].isRead;
}

/** A word of a text, and what it stands for. */
interface Wanted {
	readonly word: string;
	readonly meanings: readonly string[][];
}

function scoreOf({ word, meanings }: Wanted, { name, text }: Indexed): number {
	if (meanings.some((words) => words.every((part) => name.has(part)))) return MEANT_IN_NAME;
	if (name.has(word)) return IN_NAME;
	if ([...name].some((part) => part.startsWith(word))) return BEGINS_IN_NAME;
	if (text.has(word)) return IN_SUMMARY;
	return meanings.some((words) => words.every((part) => text.has(part))) ? MEANT_IN_SUMMARY : 0;
}

/** How many letters of an everyday word are enough, while somebody is typing it. */
const ENOUGH_LETTERS = 4;

/** What an everyday word stands for. Each meaning may be several words. */
function meaningsOf(typed: string): string[][] {
	const isMeant = (word: string) =>
		word === typed || (typed.length >= ENOUGH_LETTERS && word.startsWith(typed));
	return Object.entries(EVERYDAY_WORDS)
		.filter(([, words]) => words.split(' ').some(isMeant))
		.map(([meaning]) => wordsOf(meaning));
}

/** The words of a text in the singular. */
function wordsOf(text: string): string[] {
	return text
		.toLowerCase()
		.replace(/\be-mail/g, 'email')
		.split(/[^a-z\d]+/)
		.filter((word) => word !== '')
		.map(singular);
}

function singular(word: string): string {
	if (word.length <= 3 || /(ss|us|is)$/.test(word)) return word;
	// Also for a word that is still being typed.
	if (/[a-z]{3}i(es?)?$/.test(word)) return word.replace(/i(es?)?$/, 'y');
	if (/(ches|shes|sses|xes)$/.test(word)) return word.slice(0, -2);
	return word.endsWith('s') ? word.slice(0, -1) : word;
}
