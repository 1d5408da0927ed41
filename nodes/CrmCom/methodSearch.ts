/** Finds methods by what people call things. */
import { CATALOGUE, methodName, type CatalogueMethod } from './catalogue';
import { VERBS } from './method';
import { splitVerb } from './methodInput';

/** Everyday words, and those of the Web API that they stand for. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
	address: ['contact'],
	amend: ['update'],
	bonus: ['reward'],
	change: ['update'],
	client: ['account', 'contact'],
	close: ['complete', 'resolve'],
	customer: ['account', 'contact'],
	delete: ['cancel', 'remove'],
	edit: ['update'],
	file: ['attachment'],
	find: ['show', 'list'],
	get: ['show', 'list'],
	item: ['product'],
	loyalty: ['reward'],
	mail: ['email', 'communication'],
	message: ['communication'],
	modify: ['update'],
	money: ['payment', 'wallet'],
	new: ['create'],
	open: ['draft', 'overdue', 'progress'],
	opportunity: ['lead'],
	order: ['job'],
	outage: ['service_request'],
	pending: ['queue', 'draft'],
	person: ['contact'],
	phone: ['contact', 'communication'],
	price: ['rate', 'price_plan'],
	read: ['show', 'list'],
	search: ['list', 'show'],
	segment: ['segmentation'],
	send: ['communication', 'queue'],
	sms: ['communication'],
	stock: ['warehouse'],
	task: ['activity', 'job'],
	ticket: ['service_request'],
	topup: ['wallet_transaction create', 'payment create'],
	trigger: ['webhook'],
	unpaid: ['invoice', 'write_off'],
	upload: ['attachment'],
	view: ['show', 'list'],
};

/** Words that say nothing of which method is meant. */
const FILLERS: ReadonlySet<string> = new Set([
	'a',
	'an',
	'all',
	'by',
	'for',
	'in',
	'my',
	'of',
	'the',
	'to',
	'with',
]);

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
	/** Of the summary, and of the parameters with their notes and values. */
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
					...method.parameters.map(
						({ name, note = '', values = [] }) => `${name} ${note} ${values.join(' ')}`,
					),
				].join(' '),
			),
		),
	}));
	return index;
}

/**
 * The methods that match a text, best first: by the words of their names, then of their summaries, then by
 * everyday synonyms. If none has all of the words, those that have the most. Deprecated methods and lists of
 * settings come last.
 */
export function searchMethodsByWords(
	text: string,
	isOffered: (method: CatalogueMethod) => boolean,
): CatalogueMethod[] {
	const typed = text.trim().toLowerCase();
	const wanted = wordsOf(typed.replace(/top[\s-]+up/g, 'topup')).filter(
		(word) => !FILLERS.has(word),
	);
	const meant = new Set(wanted.flatMap((word) => [word, ...synonymsOf(word).flat()]));
	const found = indexed()
		.filter(({ method }) => isOffered(method))
		.map((candidate) => {
			const scores = wanted.map((word) => scoreOf(word, candidate));
			const isSubject = candidate.subject.every((word) => meant.has(word));
			return {
				method: candidate.method,
				matches: scores.filter((score) => score > 0).length,
				score: scores.reduce((sum, score) => sum + score, isSubject ? IS_SUBJECT : 0),
			};
		});
	const most = Math.max(0, ...found.map(({ matches }) => matches));
	if (most === 0 && (wanted.length > 0 || /[^\s\w]/.test(typed))) return [];
	const path = splitVerb(typed).address;
	// A single word is a word, not the beginning of a path: "customer" means customers, not only their events.
	const begins = (method: CatalogueMethod) => path.includes('/') && method.path.startsWith(path);
	return found
		.filter(({ matches }) => matches === most)
		.sort(
			(a, b) =>
				Number(b.method.path === path) - Number(a.method.path === path) ||
				lateness(a.method) - lateness(b.method) ||
				Number(begins(b.method)) - Number(begins(a.method)) ||
				b.score - a.score ||
				isUnconfirmed(a.method) - isUnconfirmed(b.method) ||
				Number(isRead(b.method)) - Number(isRead(a.method)) ||
				// Without words, in the catalogue's order; else shortest path first.
				(wanted.length === 0 ? 0 : a.method.path.length - b.method.path.length),
		)
		.map(({ method }) => method);
}

function lateness({ deprecated, path }: CatalogueMethod): number {
	if (deprecated !== null) return 2;
	return path.includes('/configuration/') ? 1 : 0;
}

/** Whoever meant to change something sees it by the verb; the other way round, it would be too late. */
function isRead({ httpMethod }: CatalogueMethod): boolean {
	return VERBS[httpMethod].isRead;
}

function isUnconfirmed({ unconfirmed }: CatalogueMethod): number {
	return unconfirmed === undefined ? 0 : 1;
}

function scoreOf(word: string, { name, text }: Indexed): number {
	const meant = synonymsOf(word);
	if (meant.some((words) => words.every((part) => name.has(part)))) return MEANT_IN_NAME;
	if (name.has(word)) return IN_NAME;
	if ([...name].some((part) => part.startsWith(word))) return BEGINS_IN_NAME;
	if (text.has(word)) return IN_SUMMARY;
	return meant.some((words) => words.every((part) => text.has(part))) ? MEANT_IN_SUMMARY : 0;
}

/** What an everyday word stands for; each may be several words. */
function synonymsOf(word: string): string[][] {
	return (Object.hasOwn(SYNONYMS, word) ? (SYNONYMS[word] ?? []) : []).map(wordsOf);
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
