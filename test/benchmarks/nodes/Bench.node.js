const { request } = require('undici');

const property = (name, type, value) => ({ displayName: name, name, type, default: value });

/** What users' own nodes would do, each in its barest form. */
const JOBS = {
	/** As many items as it is told: n8n's own Code node would be measured too. */
	items() {
		const uids = JSON.parse(this.getNodeParameter('uids', 0));
		return Array.from({ length: this.getNodeParameter('count', 0) }, (_, index) => ({
			index,
			organizationUid: uids[index] ?? null,
		}));
	},
	/** Only reads the credential for each item, as any node must whose fields may be expressions. */
	async credential() {
		const type = this.getNodeParameter('credentialType', 0);
		return await each(this.getInputData(), 1, async (_item, index) => {
			await this.getCredentials(type, index);
			return {};
		});
	},
	/** One GET for each item, by n8n's helper or by undici. */
	async requests() {
		const read = (name, index = 0) => this.getNodeParameter(name, index);
		const headers = { 'X-LHQ-TOKEN': read('token') };
		const ask = {
			helper: async (url) => await this.helpers.httpRequest({ url, headers, json: true }),
			undici: async (url) => await (await request(url, { headers })).body.json(),
		}[read('client')];
		const type = read('credentialType');
		return await each(this.getInputData(), 5, async ({ json }, index) => {
			if (type === '') return await ask(read('url') + json.organizationUid);
			await this.getCredentials(type, index);
			return await ask(read('url') + read('organization', index));
		});
	},
};

/** Does something for each item, so many at once, and keeps the order. */
async function each(items, concurrency, work) {
	const results = [];
	let next = 0;
	const lane = async () => {
		while (next < items.length) {
			const index = next++;
			results[index] = await work(items[index], index);
		}
	};
	await Promise.all(Array.from({ length: concurrency }, lane));
	return results;
}

exports.Bench = class {
	description = {
		displayName: 'Bench',
		name: 'bench',
		group: ['transform'],
		version: 1,
		description: 'For measuring',
		defaults: { name: 'Bench' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'crmComUserLoginApi' }, { name: 'aureaLoginApi' }],
		properties: [
			property('job', 'string', 'items'),
			property('count', 'number', 1),
			property('uids', 'json', '[]'),
			property('credentialType', 'string', ''),
			property('client', 'string', 'helper'),
			property('token', 'string', ''),
			property('url', 'string', ''),
			property('organization', 'string', ''),
		],
	};

	async execute() {
		const results = await JOBS[this.getNodeParameter('job', 0)].call(this);
		return [results.map((json, item) => ({ json, pairedItem: { item } }))];
	}
};
