const { TestEnvironment } = require('jest-environment-node');

/** Lets hooks know whether the test that has just ended has failed, so that they can show what happened. */
module.exports = class extends TestEnvironment {
	handleTestEvent({ name }) {
		if (name === 'test_start') this.global.testHasFailed = false;
		if (name === 'test_fn_failure' || name === 'hook_failure') this.global.testHasFailed = true;
	}
};
