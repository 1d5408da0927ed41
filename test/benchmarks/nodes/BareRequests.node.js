const { each, node } = require('./node.js');
const { request } = require('undici');

/** One GET for each item, by n8n's helper or by undici, and nothing else but, if it is wanted, to read the item's credential and a field. */
exports.BareRequests = node(
	'BareRequests',
	[
		{ displayName: 'Client', name: 'client', type: 'string', default: 'helper' },
		{ displayName: 'Concurrency', name: 'concurrency', type: 'number', default: 5 },
		{ displayName: 'Token', name: 'token', type: 'string', default: '' },
		{ displayName: 'URL', name: 'url', type: 'string', default: '' },
		{ displayName: 'Reads', name: 'reads', type: 'boolean', default: false },
		{ displayName: 'Organization', name: 'organization', type: 'string', default: '' },
	],
	async function () {
		const [client, concurrency, token, url, reads] = [
			'client',
			'concurrency',
			'token',
			'url',
			'reads',
		].map((name) => this.getNodeParameter(name, 0));
		const items = this.getInputData();
		const headers = { 'X-LHQ-TOKEN': token };
		const ask = {
			helper: async (address) =>
				await this.helpers.httpRequest({ url: address, headers, json: true }),
			undici: async (address) => await (await request(address, { headers })).body.json(),
		}[client];
		const answers = await each(items.length, concurrency, async (index) => {
			if (!reads) return await ask(url + items[index].json.organizationUid);
			await this.getCredentials('aureaLoginApi', index);
			return await ask(url + this.getNodeParameter('organization', index));
		});
		return [answers.map((json, item) => ({ json, pairedItem: { item } }))];
	},
	[{ name: 'aureaLoginApi' }],
);
