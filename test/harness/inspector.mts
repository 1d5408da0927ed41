import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { request, WebSocket } from 'undici';

/** How often the heap is sampled, in milliseconds. */
const SAMPLE_INTERVAL_MS = 10;

/** The members used of an answer of the debugging protocol. */
interface Reply {
	readonly id?: number;
	readonly result?: {
		readonly result?: RemoteObject;
		readonly objects?: RemoteObject;
	};
	readonly error?: { readonly message: string };
}

interface RemoteObject {
	readonly objectId?: string;
	readonly value?: unknown;
}

/** Inspects a running process of Node.js through its debugging port. */
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
	 * How many entries all instances of a class hold together, after the garbage is collected.
	 *
	 * @param file the end of the path of the module that exports the class
	 * @param type the class, which has a Map `entries`
	 */
	async entriesOf(file: string, type: string): Promise<number> {
		const modules = "Object.entries(process.getBuiltinModule('module')._cache)";
		const expression = `${modules}.find(([path]) => path.endsWith(${JSON.stringify(file)}))[1].exports.${type}.prototype`;
		const { result } = await this.send('Runtime.evaluate', { expression });
		const prototypeObjectId = result?.objectId;
		if (prototypeObjectId === undefined) throw new Error(`${file} has no class ${type}`);
		const { objects } = await this.send('Runtime.queryObjects', { prototypeObjectId });
		const sum = 'function () { return this.reduce((sum, map) => sum + map.entries.size, 0); }';
		const answer = await this.send('Runtime.callFunctionOn', {
			objectId: objects!.objectId,
			functionDeclaration: sum,
			returnByValue: true,
		});
		return Number(answer.result!.value);
	}

	/** The heap in use, in bytes, after the garbage is collected. */
	async heapUsed(): Promise<number> {
		await this.send('HeapProfiler.collectGarbage');
		const { result } = await this.send('Runtime.evaluate', {
			expression: 'process.memoryUsage().heapUsed',
		});
		return Number(result!.value);
	}

	/**
	 * How far the heap grows above its initial size while `work` runs, in bytes, sampled every few
	 * milliseconds.
	 */
	async peakWhile(work: () => Promise<unknown>): Promise<number> {
		const before = await this.heapUsed();
		let [most, isOver] = [before, false];
		const watch = async () => {
			while (!isOver) {
				const { usedSize = 0 } = (await this.send('Runtime.getHeapUsage')) as { usedSize?: number };
				most = Math.max(most, usedSize);
				await sleep(SAMPLE_INTERVAL_MS);
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
