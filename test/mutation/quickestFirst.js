const Sequencer = require('@jest/test-sequencer').default;

const ORDER = ['contract', 'unit', 'engine'];

const rankOf = ({ path }) => ORDER.findIndex((name) => path.includes(name));

/** The contract, then what runs without n8n, then the rest. */
module.exports = class extends Sequencer {
	sort(tests) {
		return [...tests].sort((a, b) => rankOf(a) - rankOf(b));
	}
};
