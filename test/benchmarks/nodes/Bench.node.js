const { request } = require('undici');

const property = (name, type, value) => ({ displayName: name, name, type, default: value });

/** What users' own nodes would do, each in its barest form. */
const JOBS = {
	/** `count` items. */
	items: (node) =>
		Array.from({ length: node.getNodeParameter('count', 0) }, (_, index) => ({
			organizationUid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
		})),
	/** Only reads the credential for each item, as any node must whose fields may be expressions. */
	credential: async (node) =>
		await each(node.getInputData(), 1, async (_item, index) => {
			await node.getCredentials(node.getNodeParameter('credentialType', 0), index);
			return {};
		}),
	/** One GET for each item, by n8n's helper or by undici. */
	async requests(node) {
		const read = (name, index = 0) => node.getNodeParameter(name, index);
		const [url, type] = [read('url'), read('credentialType')];
		const headers = { 'X-LHQ-TOKEN': read('token') };
		const ask = {
			helper: async (uid) =>
				await node.helpers.httpRequest({ url: url + uid, headers, json: true }),
			undici: async (uid) => await (await request(url + uid, { headers })).body.json(),
		}[read('client')];
		return await each(node.getInputData(), 5, async ({ json }, index) => {
			if (type === '') return await ask(json.organizationUid);
			await node.getCredentials(type, index);
			return await ask(read('organization', index));
		});
	},
};

/** Runs `work` on each item, at most `concurrency` at once, and keeps the order. */
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
			property('count', 'number', 1),
			...['job', 'credentialType', 'client', 'token', 'url', 'organization'].map((name) =>
				property(name, 'string', ''),
			),
		],
	};

	async execute() {
		const results = await JOBS[this.getNodeParameter('job', 0)](this);
		return [results.map((json, item) => ({ json, pairedItem: { item } }))];
	}
};
