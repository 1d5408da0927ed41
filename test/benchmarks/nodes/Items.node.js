const { node } = require('./node.js');

/** Gives as many items as it is told, each with its index and one of the UIDs: n8n's own Code node would be measured too. */
exports.Items = node(
	'Items',
	[
		{ displayName: 'Count', name: 'count', type: 'number', default: 1 },
		{ displayName: 'UIDs', name: 'uids', type: 'json', default: '[]' },
	],
	async function () {
		const uids = JSON.parse(this.getNodeParameter('uids', 0));
		const count = this.getNodeParameter('count', 0);
		return [
			Array.from({ length: count }, (_, index) => ({
				json: { index, organizationUid: uids[index] ?? null },
			})),
		];
	},
);
