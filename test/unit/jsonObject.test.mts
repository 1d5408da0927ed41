import { expect, it } from '@jest/globals';

import { getNumber } from '../../nodes/shared/jsonObject.ts';

it.each([
	[{ a: 1.5 }, 1.5],
	[{ a: '1' }, null],
	[{ a: Infinity }, null],
	[{}, null],
	[Object.create({ a: 1 }), null],
])('reads the number in %j as %j', (object, number) =>
	expect(getNumber(object as never, 'a')).toBe(number),
);
