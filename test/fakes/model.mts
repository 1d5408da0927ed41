import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The parts of a chat model's request that matter here. */
interface ModelRequest {
	readonly messages: ReadonlyArray<{ readonly role: string; readonly content: unknown }>;
	readonly tools?: ReadonlyArray<{ readonly function: ToolSchema }>;
	readonly stream?: boolean;
}

/** A tool as the model gets it. */
interface ToolSchema {
	readonly name: string;
	readonly description?: string;
	readonly parameters: { readonly properties?: Readonly<Record<string, unknown>> };
}

/** What the model wants next: calls of tools, or to say something. */
export type ModelAnswer =
	| string
	| ReadonlyArray<{ readonly tool: string; readonly input: Readonly<Record<string, unknown>> }>;

/** A chat model with the API of OpenAI (chat completions), played by a function. */
export interface FakeModel {
	/** Every request that it received. */
	readonly requests: ModelRequest[];
	answer: (request: ModelRequest) => ModelAnswer;
	/** The base URL of its API. */
	readonly url: string;
	stop(): Promise<void>;
}

/** Calls each tool once for the account of the fake vendor, and then repeats the answers. */
function answerByTools({ messages, tools = [] }: ModelRequest): ModelAnswer {
	const told = messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
	if (told.length > 0) return `The tools say: ${JSON.stringify(told)}`;
	return tools.map(({ function: { name } }) => ({ tool: name, input: { account: 'number=192' } }));
}

/** Starts the model on 127.0.0.1. */
export async function startModel(): Promise<FakeModel> {
	const server = createServer((request, response) => void reply(model, request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const model: FakeModel = {
		requests: [],
		answer: answerByTools,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
		stop: async () => await close(server),
	};
	return model;
}

async function reply(
	model: FakeModel,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const asked = JSON.parse(await text(request)) as ModelRequest;
	model.requests.push(asked);
	const answer = model.answer(asked);
	const message =
		typeof answer === 'string'
			? { role: 'assistant', content: answer }
			: {
					role: 'assistant',
					content: null,
					tool_calls: answer.map(({ tool, input }, index) => ({
						index,
						id: `call_${model.requests.length}_${index}`,
						type: 'function',
						function: { name: tool, arguments: JSON.stringify(input) },
					})),
				};
	const finish_reason = typeof answer === 'string' ? 'stop' : 'tool_calls';
	const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
	const common = { id: 'chat', created: 0, model: 'fake', usage };
	if (asked.stream !== true) {
		const completion = {
			...common,
			object: 'chat.completion',
			choices: [{ index: 0, message, finish_reason }],
		};
		response.setHeader('Content-Type', 'application/json').end(JSON.stringify(completion));
		return;
	}
	const chunk = {
		...common,
		object: 'chat.completion.chunk',
		choices: [{ index: 0, delta: message, finish_reason }],
	};
	response.setHeader('Content-Type', 'text/event-stream');
	response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
}

async function close(server: Server): Promise<void> {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
}
