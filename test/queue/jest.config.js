module.exports = require('../host/jestConfig.js')('queue');
