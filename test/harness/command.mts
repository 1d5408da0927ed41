import { parseArgs, type ParseArgsConfig } from 'node:util';

import { Cleanup } from './cleanup.mts';
import { CommandError } from './commandError.mts';

type ParseArgsOptionsConfig = NonNullable<ParseArgsConfig['options']>;

interface Command<Options extends ParseArgsOptionsConfig> {
	/** What the command does and its options, as `--help` shows it. */
	readonly help: string;
	readonly options?: Options;
	/** How many arguments without a name it takes at most. */
	readonly positionals?: number;
}

interface Invocation<Options extends ParseArgsOptionsConfig> {
	readonly values: ReturnType<typeof parseArgs<{ options: Options }>>['values'];
	readonly positionals: readonly string[];
	/** Ended with the command, whatever happens. */
	readonly cleanup: Cleanup;
}

/**
 * Runs one command of the project and ends the process with its exit code.
 *
 * `--help` prints the help. A wrong option, and every `CommandError`, is shown as a sentence without a stack.
 * `cleanup` runs after the command, and on Ctrl-C.
 *
 * @param run does the work. @returns whether all is well; nothing means yes
 */
export async function runCommand<const Options extends ParseArgsOptionsConfig>(
	{ help, options, positionals: allowed = 0 }: Command<Options>,
	run: (invocation: Invocation<Options>) => Promise<boolean | void>,
): Promise<never> {
	const cleanup = new Cleanup();
	let isInterrupted = false;
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => {
			isInterrupted = true;
			void cleanup.run().finally(() => process.exit(130));
		});
	}
	let isGood = false;
	try {
		const { values, positionals } = readArguments(options, allowed, help);
		isGood = (await run({ values, positionals, cleanup })) !== false;
	} catch (error) {
		// How an interrupted command fails says nothing.
		if (!isInterrupted) console.error(error instanceof CommandError ? error.message : error);
	}
	await cleanup.run();
	process.exit(isInterrupted ? 130 : isGood ? 0 : 1);
}

function readArguments<Options extends ParseArgsOptionsConfig>(
	options: Options | undefined,
	allowed: number,
	help: string,
): Pick<Invocation<Options>, 'values' | 'positionals'> {
	const withHelp = { ...options, help: { type: 'boolean', short: 'h' } } as const;
	try {
		const { values, positionals } = parseArgs({ options: withHelp, allowPositionals: true });
		if (values.help) {
			console.log(help);
			process.exit(0);
		}
		const surplus = positionals[allowed];
		if (surplus !== undefined) throw new CommandError(`Unexpected argument '${surplus}'`);
		return { values: values as Invocation<Options>['values'], positionals };
	} catch (error) {
		const [sentence] = (error as Error).message.split('. ');
		throw new CommandError(`${sentence}\n\n${help}`);
	}
}

/** An option's whole number from 1 up. @throws CommandError naming the option */
export function countOption(name: string, text: string): number {
	const count = Number(text);
	if (Number.isSafeInteger(count) && count >= 1) return count;
	throw new CommandError(`--${name} takes a whole number from 1 up, not '${text}'`);
}
