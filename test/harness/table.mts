/** Prints rows of the same shape as a table, numbers to the right. */
export function printTable(rows: readonly object[]): void {
	const [first] = rows;
	if (!first) return;
	const names = Object.keys(first);
	const cells = [names, ...rows.map((row) => Object.values(row).map(String))];
	const widths = names.map((_name, column) => Math.max(...cells.map((row) => row[column]!.length)));
	const isNumber = Object.values(first).map((value) => typeof value === 'number');
	const line = (row: readonly string[]) =>
		row
			.map((cell, column) =>
				isNumber[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
			)
			.join('  ');
	console.log();
	console.log(line(names));
	console.log(widths.map((width) => '─'.repeat(width)).join('  '));
	for (const row of cells.slice(1)) console.log(line(row));
	console.log();
}
