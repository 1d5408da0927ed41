const { each, node } = require('./node.js');
const { request } = require('undici');

/** One GET for each item and nothing else, by n8n's helper or by undici: what a fan-out costs at the least. */
exports.BareRequests = node('BareRequests', [
	{ displayName: 'Client', name: 'client', type: 'string', default: 'helper' },
	{ displayName: 'Concurrency', name: 'concurrency', type: 'number', default: 5 },
	{ displayName: 'Token', name: 'token', type: 'string', default: '' },
	{ displayName: 'URL', name: 'url', type: 'string', default: '' },
], async function () {
	const [client, concurrency, token, url] = ['client', 'concurrency', 'token', 'url'].map((name) => this.getNodeParameter(name, 0));
	const items = this.getInputData();
	const headers = { 'X-LHQ-TOKEN': token };
	const ask = {
		helper: async (address) => await this.helpers.httpRequest({ url: address, headers, json: true }),
		undici: async (address) => await (await request(address, { headers })).body.json(),
	}[client];
	const answers = await each(items.length, concurrency, async (index) => await ask(url + items[index].json.organizationUid));
	return [answers.map((json, item) => ({ json, pairedItem: { item } }))];
});
