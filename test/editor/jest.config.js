module.exports = require('../host/jestConfig.js')('editor');
