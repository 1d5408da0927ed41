import type { HttpMethod } from '../shared/http';
import { createMethod, type Method } from './method';

/**
 * Everyday actions. Each is one method of the catalogue whose verb and path were read on its page, under a name
 * that people know. Values that begin with `getMany` run like Get Many, the others like Call Method.
 */
export interface Action {
	/** The value of `operation`. */
	readonly value: string;
	readonly name: string;
	/** The name in the nodes panel, of a new node, and of a tool as a model sees it. */
	readonly action: string;
	/** Such as `GET payments/list`. */
	readonly method: string;
	/** Parameters that are shown from the start, beside the mandatory ones. */
	readonly shown?: readonly string[];
	/** Parameters that the action needs although the documentation does not require them. */
	readonly needed?: readonly string[];
	/** Whether it only reads, although its verb does not say so. */
	readonly isRead?: true;
}

interface Resource {
	/** The value of `resource`. */
	readonly value: string;
	readonly name: string;
	readonly actions: readonly Action[];
}

/** The resource of all operations but the everyday actions; implied in a saved workflow without `resource`. */
export const WEB_API = 'webApi';

export const RESOURCES: readonly Resource[] = [
	{
		value: 'account',
		name: 'Account',
		actions: [
			{
				value: 'get',
				name: 'Get',
				action: 'Get an account',
				method: 'GET accounts_receivable/show',
			},
			{
				value: 'getMany',
				name: 'Get Many',
				action: 'Get many accounts by email address',
				method: 'GET accounts_receivable/list',
				shown: ['email_address'],
			},
			{
				value: 'getManyInvoices',
				name: 'Get Many Invoices',
				action: 'Get many invoices of an account',
				method: 'GET invoices/list',
			},
			{
				value: 'update',
				name: 'Update',
				action: 'Update an account',
				method: 'POST accounts_receivable/update',
			},
		],
	},
	{
		value: 'activity',
		name: 'Activity',
		actions: [
			{
				value: 'create',
				name: 'Create',
				action: 'Create an activity',
				method: 'POST activities/create',
			},
			{ value: 'get', name: 'Get', action: 'Get an activity', method: 'GET activities/show' },
			{
				value: 'getManyTypes',
				name: 'Get Many Types',
				action: 'Get many activity types',
				method: 'GET activities/configuration/types/list',
			},
		],
	},
	{
		value: 'communication',
		name: 'Communication',
		actions: [
			{
				value: 'complete',
				name: 'Complete',
				action: 'Complete a communication',
				method: 'POST communications/complete',
			},
			{
				value: 'getManyQueued',
				name: 'Get Many Queued',
				action: 'Get many queued communications',
				method: 'GET communications/queue/list',
				shown: ['media'],
			},
		],
	},
	{
		value: 'contact',
		name: 'Contact',
		actions: [
			{
				value: 'create',
				name: 'Create',
				action: 'Create a contact',
				method: 'POST contact_information/create',
				shown: ['type', 'first_name', 'last_name'],
			},
			{
				value: 'get',
				name: 'Get',
				action: 'Get a contact',
				method: 'GET contact_information/show',
			},
			{
				value: 'update',
				name: 'Update',
				action: 'Update a contact',
				method: 'POST contact_information/update',
			},
		],
	},
	{
		value: 'job',
		name: 'Job',
		actions: [
			{
				value: 'cancel',
				name: 'Cancel',
				action: 'Cancel a job',
				method: 'POST jobs/all_scopes/cancel',
			},
			{
				value: 'complete',
				name: 'Complete',
				action: 'Complete a job',
				method: 'POST jobs/all_scopes/complete',
			},
			{
				value: 'create',
				name: 'Create',
				action: 'Create a job',
				method: 'POST jobs/generic_purpose/create',
				shown: ['accounts_receivable_identifier', 'description'],
			},
			{
				value: 'getManyOverdue',
				name: 'Get Many Overdue',
				action: 'Get many overdue jobs',
				method: 'GET jobs/all_scopes/get_overdue',
			},
			{
				value: 'start',
				name: 'Start',
				action: 'Start a job',
				method: 'POST jobs/all_scopes/start_progress',
			},
		],
	},
	{
		value: 'payment',
		name: 'Payment',
		actions: [
			{
				value: 'create',
				name: 'Create',
				action: 'Create a payment',
				method: 'POST payments/create',
				shown: ['accounts_receivable_identifier'],
			},
			{ value: 'get', name: 'Get', action: 'Get a payment', method: 'GET payments/show' },
			{
				value: 'getMany',
				name: 'Get Many',
				action: 'Get many payments of an account',
				method: 'GET payments/list',
			},
		],
	},
	{
		value: 'subscription',
		name: 'Subscription',
		actions: [
			{ value: 'get', name: 'Get', action: 'Get a subscription', method: 'GET subscriptions/show' },
			{
				value: 'getMany',
				name: 'Get Many',
				action: 'Get many subscriptions of an account',
				method: 'GET subscriptions/list',
				needed: ['accounts_receivable_identifier'],
			},
			{
				value: 'getManyScheduledActions',
				name: 'Get Many Scheduled Actions',
				action: 'Get many scheduled actions of a subscription',
				method: 'GET subscriptions/actions/get_scheduled',
			},
		],
	},
	{
		value: 'wallet',
		name: 'Wallet',
		actions: [
			{
				value: 'getBalance',
				name: 'Get Balance',
				action: 'Get the balance of a wallet',
				method: 'POST wallets/get_balance',
				isRead: true,
				shown: ['wallet_identifier'],
			},
			{
				value: 'getManyTransactions',
				name: 'Get Many Transactions',
				action: 'Get many transactions of a wallet',
				method: 'GET wallet_transactions/list',
				shown: ['wallet_identifier'],
			},
		],
	},
];

/** The method of an action, with the action's changes to it. */
export function actionMethod({ method: name, needed = [], isRead }: Action): Method {
	const [httpMethod, path] = name.split(' ') as [HttpMethod, string];
	const method = createMethod(httpMethod, path);
	const { documentation } = method;
	return {
		...method,
		isRead: method.isRead || isRead === true,
		documentation: documentation && {
			...documentation,
			parameters: documentation.parameters.map((parameter) =>
				needed.includes(parameter.name) ? { ...parameter, mandatory: true } : parameter,
			),
		},
	};
}

/** Whether an operation reads a list as Get Many does. */
export function isListOperation(value: string): boolean {
	return value.startsWith('getMany');
}
