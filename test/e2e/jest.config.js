module.exports = require('../host/jestConfig.js')('e2e');
