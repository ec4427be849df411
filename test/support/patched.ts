import { syncBuiltinESMExports } from "node:module";

/** Puts something else in the place of a member of a builtin module while `work` runs; those who import it by name see it too. */
export function withPatched<Target extends object, Name extends keyof Target, Answer>(
	target: Target,
	name: Name,
	stand: (original: Target[Name]) => Target[Name],
	work: () => Answer,
): Answer {
	const original = target[name];
	const put = (value: Target[Name]) => {
		target[name] = value;
		syncBuiltinESMExports();
	};
	put(stand(original));
	return before(() => put(original), work);
}

/** Runs `work` as on another operating system, as far as that is asked for by name. */
export function withPlatform<Answer>(platform: NodeJS.Platform, work: () => Answer): Answer {
	const own = Object.getOwnPropertyDescriptor(process, "platform") as PropertyDescriptor;
	Object.defineProperty(process, "platform", { ...own, value: platform });
	return before(() => Object.defineProperty(process, "platform", own), work);
}

/** What `work` answers, once it has ended in whatever way and all is as it was again. */
function before<Answer>(restore: () => void, work: () => Answer): Answer {
	let answer: Answer;
	try {
		answer = work();
	} catch (error) {
		restore();
		throw error;
	}
	if (answer instanceof Promise) return answer.finally(restore) as Answer;
	restore();
	return answer;
}
