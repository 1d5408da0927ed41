/** What is known of a session after a request of the HTTP Request node has failed, for whatever reason. */
import { ageOf, now, type Moment } from '../shared/session/clock';
import { stateWithoutProof, type CheckResult } from '../shared/session/state';
import { settle } from '../shared/settle';
import type { AureaLogin } from './auth';

/** Asks for the lists of an organization with a token, and returns the HTTP status. */
export type AskForLists = (token: string, organizationUid: string) => Promise<number>;

/** How long the answer is reused for other failed requests of the same session. */
const ANSWER_SHARED_MS = 500;

interface Question {
	readonly state: Promise<CheckResult>;
	answeredAt?: Moment;
}

/** The last question about each session: it is the same whatever has failed. */
const questions = new WeakMap<AureaLogin, Question>();

/** Logins whose user may not read lists: no answer about lists proves anything. */
const unprovable = new WeakSet<AureaLogin>();

/** @returns undefined if no question could tell, and none was sent */
export function checkSession(
	login: AureaLogin,
	ask: AskForLists,
): Promise<CheckResult> | undefined {
	const { token, organizationUid } = login;
	if (organizationUid === null || unprovable.has(login)) return undefined;
	const last = questions.get(login);
	const isRecent =
		last && (last.answeredAt === undefined || ageOf(last.answeredAt) < ANSWER_SHARED_MS);
	if (isRecent) return last.state;
	const question: Question = {
		state: settle(ask(token, organizationUid)).then((answer) => {
			question.answeredAt = now();
			const status = answer.status === 'fulfilled' ? answer.value : undefined;
			// The user may lack the right to lists: only another token's answer proves anything.
			if (isDenied(status)) return 'denied';
			return status !== undefined && status < 300 ? 'valid' : stateWithoutProof(login);
		}),
	};
	questions.set(login, question);
	return question.state;
}

/** Whether a new session is let in where the previous one was denied. @throws ApiError */
export async function confirmRenewal(
	renewed: AureaLogin,
	previous: AureaLogin,
	ask: AskForLists,
): Promise<boolean> {
	const { token, organizationUid } = renewed;
	// Only an answer to the same question proves anything.
	if (organizationUid === null || organizationUid !== previous.organizationUid) return false;
	const status = await ask(token, organizationUid);
	if (isDenied(status)) unprovable.add(renewed);
	else unprovable.delete(renewed);
	// A redirect does not answer the question, nor does a gateway that lets nobody in for the moment.
	const isAnswer = status < 300 || (status >= 400 && status < 500);
	return isAnswer && !isDenied(status) && ![408, 425, 429].includes(status);
}

/** 401 is likely for a token that has ended, and 403 possible (assumed). */
function isDenied(status: number | undefined): boolean {
	return status === 401 || status === 403;
}
