import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { request, WebSocket } from 'undici';

/** How often a rising heap is looked at, in milliseconds. */
const LOOK_EVERY = 10;

/** What an answer of the debugging protocol holds, as far as it is used here. */
interface Reply {
	readonly id?: number;
	readonly result?: {
		readonly result?: RemoteObject;
		readonly objects?: RemoteObject;
		readonly internalProperties?: readonly Property[];
	};
	readonly error?: { readonly message: string };
}

interface RemoteObject {
	readonly objectId?: string;
	readonly type?: string;
	readonly description?: string;
	readonly value?: unknown;
}

interface Property {
	readonly name: string;
	readonly value?: RemoteObject;
}

/** A look into a running process of Node.js, by its debugging port. */
export class Inspector {
	private next = 0;

	private constructor(private readonly socket: WebSocket) {}

	static async open(port: number): Promise<Inspector> {
		const { body } = await request(`http://127.0.0.1:${port}/json/list`);
		const [{ webSocketDebuggerUrl }] = (await body.json()) as [{ webSocketDebuggerUrl: string }];
		const socket = new WebSocket(webSocketDebuggerUrl);
		await once(socket, 'open');
		return new Inspector(socket);
	}

	/**
	 * How many entries all instances of a class hold together, after the garbage is collected. The class is exported by
	 * no file that is published: it is found among what a method of an exported one can see, by one of its own methods.
	 *
	 * @param file the end of the path of the published module
	 * @param type a class that it exports, with a method `execute`
	 * @param method which only the wanted class has
	 */
	async entriesOf(file: string, type: string, method: string): Promise<number> {
		const modules = "Object.entries(process.getBuiltinModule('module')._cache)";
		const expression = `${modules}.find(([path]) => path.endsWith(${JSON.stringify(file)}))[1].exports.${type}.prototype.execute`;
		const { result } = await this.send('Runtime.evaluate', { expression });
		const { internalProperties = [] } = await this.send('Runtime.getProperties', {
			objectId: result!.objectId,
			ownProperties: true,
		});
		const scopes = internalProperties.find(({ name }) => name === '[[Scopes]]');
		const prototypeObjectId = await this.prototypeWith(method, await this.membersOf(scopes?.value));
		const { objects } = await this.send('Runtime.queryObjects', { prototypeObjectId });
		const sum = 'function () { return this.reduce((sum, map) => sum + map.size, 0); }';
		const answer = await this.send('Runtime.callFunctionOn', {
			objectId: objects!.objectId,
			functionDeclaration: sum,
			returnByValue: true,
		});
		return Number(answer.result!.value);
	}

	private async prototypeWith(method: string, scopes: readonly RemoteObject[]): Promise<string> {
		for (const scope of scopes.filter(({ description }) => description !== 'Global')) {
			for (const { objectId, type } of await this.membersOf(scope)) {
				if (type !== 'function') continue;
				const functionDeclaration = `function () { return Object.hasOwn(this.prototype ?? {}, ${JSON.stringify(method)}) ? this.prototype : undefined; }`;
				const { result } = await this.send('Runtime.callFunctionOn', {
					objectId,
					functionDeclaration,
				});
				if (result?.objectId !== undefined) return result.objectId;
			}
		}
		throw new Error(`The debugger finds no class with a method ${method}`);
	}

	private async membersOf(object: RemoteObject | undefined): Promise<RemoteObject[]> {
		const { result = [] } = (await this.send('Runtime.getProperties', {
			objectId: object?.objectId,
			ownProperties: true,
		})) as { result?: Property[] };
		return result.flatMap(({ value }) => value ?? []);
	}

	/** The heap in use, in bytes, after the garbage is collected. */
	async heapUsed(): Promise<number> {
		await this.send('HeapProfiler.collectGarbage');
		const { result } = await this.send('Runtime.evaluate', {
			expression: 'process.memoryUsage().heapUsed',
		});
		return Number(result!.value);
	}

	/** How far the heap rises above what it holds at first, in bytes, while something is done; looked at every few milliseconds. */
	async peakWhile(work: () => Promise<unknown>): Promise<number> {
		const before = await this.heapUsed();
		let [most, isOver] = [before, false];
		const watch = async () => {
			while (!isOver) {
				const { usedSize = 0 } = (await this.send('Runtime.getHeapUsage')) as { usedSize?: number };
				most = Math.max(most, usedSize);
				await sleep(LOOK_EVERY);
			}
		};
		const watching = watch();
		await work().finally(() => {
			isOver = true;
		});
		await watching;
		return most - before;
	}

	close(): void {
		this.socket.close();
	}

	private async send(method: string, params: object = {}): Promise<NonNullable<Reply['result']>> {
		const id = ++this.next;
		const reply = new Promise<Reply>((resolve) => {
			const listener = (event: { data: unknown }) => {
				const message = JSON.parse(String(event.data)) as Reply;
				if (message.id !== id) return;
				this.socket.removeEventListener('message', listener as never);
				resolve(message);
			};
			this.socket.addEventListener('message', listener as never);
		});
		this.socket.send(JSON.stringify({ id, method, params }));
		const { result, error } = await reply;
		if (error) throw new Error(`The debugger does not do ${method}: ${error.message}`);
		return result!;
	}
}
