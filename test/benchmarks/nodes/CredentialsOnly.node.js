const { node } = require('./node.js');

/** Does nothing but read the credential for each item, which any node must do whose fields may be expressions. */
exports.CredentialsOnly = node(
	'CredentialsOnly',
	[],
	async function () {
		const items = this.getInputData();
		const output = [];
		for (let index = 0; index < items.length; index++) {
			await this.getCredentials('crmComUserLoginApi', index);
			output.push({ json: {}, pairedItem: { item: index } });
		}
		return [output];
	},
	[{ name: 'crmComUserLoginApi', required: true }],
);
